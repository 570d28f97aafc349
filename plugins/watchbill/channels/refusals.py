"""The one table that says, for each vendor's answer, whether to send a notification again.

retry: not taken, try later. permanent: trying again cannot help. ambiguous: it may have been taken all the
same. What no table knows is tried again: the ledger stops in the end, and no alert is lost to a new word.
"""

from collections.abc import Mapping
from typing import Literal

from watchbill.model.failures import TransportError

Verdict = Literal["retry", "permanent", "ambiguous"]


def _table(**verdicts: str) -> Mapping[str, Verdict]:
    known: dict[str, Verdict] = {"retry": "retry", "permanent": "permanent", "ambiguous": "ambiguous"}
    return {code: known[verdict] for verdict, codes in verdicts.items() for code in codes.split()}


# https://docs.slack.dev/reference/methods/chat.postMessage#errors
SLACK = _table(
    permanent="""
        access_denied account_inactive cant_update_message channel_not_found deprecated_endpoint
        edit_window_closed ekm_access_denied enterprise_is_restricted invalid_arg_name invalid_arguments
        invalid_array_arg invalid_auth invalid_blocks invalid_blocks_format invalid_charset
        invalid_form_data invalid_json invalid_post_type is_archived is_inactive message_not_found
        messages_tab_disabled method_deprecated missing_scope msg_blocks_too_long msg_too_long
        no_permission no_text not_allowed_token_type not_authed not_in_channel org_login_required
        restricted_action restricted_action_read_only_channel restricted_action_thread_locked
        restricted_action_thread_only_channel team_access_not_granted team_not_found token_expired
        token_revoked too_many_attachments unknown_method""",
    retry="""
        message_limit_exceeded rate_limited ratelimited request_timeout service_unavailable
        team_added_to_org""",
    ambiguous="fatal_error internal_error",
)

# https://docs.aws.amazon.com/general/latest/gr/api-retries.html and .../CommonErrors.html of each service
_AWS = _table(
    permanent="""
        AccessDenied AccessDeniedException AuthFailure IncompleteSignature InvalidAccessKeyId
        InvalidClientTokenId InvalidSignatureException MissingAuthenticationToken NotAuthorized OptInRequired
        SignatureDoesNotMatch UnrecognizedClientException""",
    # Keys of a role are renewed and clocks are set: a later try has new ones.
    retry="""
        ExpiredToken ExpiredTokenException RequestExpired RequestLimitExceeded ServiceUnavailable
        ServiceUnavailableException SlowDown Throttled ThrottledException Throttling ThrottlingException
        TooManyRequests TooManyRequestsException""",
    ambiguous="InternalError InternalFailure InternalServerError InternalServiceError RequestTimeout",
)

# https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html#API_SendEmail_Errors
SES = {**_AWS, **_table(
    permanent="""
        AccountSuspendedException BadRequestException MailFromDomainNotVerifiedException MessageRejected
        NotFoundException""",
    # The daily quota comes back, and a pause is lifted, without a change to the message.
    retry="LimitExceededException SendingPausedException",
)}

# https://docs.aws.amazon.com/sns/latest/api/API_Publish.html#API_Publish_Errors
SNS = {**_AWS, **_table(
    permanent="""
        AuthorizationError EndpointDisabled InvalidParameter InvalidSecurity KMSAccessDenied KMSDisabled
        KMSInvalidState KMSNotFound KMSOptInRequired NotFound ParameterValueInvalid
        PlatformApplicationDisabled ValidationException""",
    retry="KMSThrottling",
)}


def refusal(vendor: str, said: str, verdict: Verdict, retry_after_s: float | None = None) -> TransportError:
    """The error to raise: who said what, and what it means."""
    meaning = {"retry": "", "permanent": "; trying again cannot help",
               "ambiguous": "; it may have been sent all the same"}[verdict]
    return TransportError(f"{vendor}: {said}{meaning}", permanent=verdict == "permanent",
                          ambiguous=verdict == "ambiguous", retry_after_s=retry_after_s)


def seconds(header: str | None) -> float | None:
    """`Retry-After` in seconds; None where it is absent or a date."""
    try:
        value = float(header or "")
    except ValueError:
        return None
    return value if 0 <= value < 86_400 else None
