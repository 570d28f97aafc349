"""Where the lake of a schedule lies: a folder or a bucket, whose files are read and damaged behind the lake's back."""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b

from pyarrow import fs


@dataclass(frozen=True)
class Place:
    open: Callable[[], fs.FileSystem]
    root: str

    @property
    def is_bucket(self) -> bool:
        return isinstance(self.open(), fs.S3FileSystem)

    def files(self, folder: str) -> dict[str, bytes]:
        """The Parquet files below it, by their paths, in order."""
        disk = self.open()
        infos = disk.get_file_info(fs.FileSelector(f"{self.root}/{folder}", allow_not_found=True, recursive=True))
        found: dict[str, bytes] = {}
        for info in sorted(infos, key=lambda info: info.path):
            if info.type == fs.FileType.File and info.extension == "parquet" and not info.base_name.startswith("."):
                with disk.open_input_file(info.path) as stream:
                    found[info.path] = stream.read()
        return found

    def sound(self, folder: str) -> list[bytes]:
        """What is what its name says."""
        return [content for path, content in self.files(folder).items()
                if path.endswith(f"{blake2b(content, digest_size=8).hexdigest()}.parquet")]

    def put(self, path: str, content: bytes) -> None:
        with self.open().open_output_stream(path) as stream:
            stream.write(content)
