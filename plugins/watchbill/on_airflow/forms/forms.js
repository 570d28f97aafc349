// Fills the form from the query, and triggers its DAG as who is logged in to Airflow. Texts are only ever set as text.
"use strict";

const form = document.querySelector("form");
const said = form.querySelector("output");
const api = new URL("../api/v2/", location.href);
const dag = `dags/${form.dataset.dag}`;
const POLLS = 60;

function fill() {
  const query = new URLSearchParams(location.search);
  for (const field of form.querySelectorAll("[data-from]")) {
    const given = field.dataset.from.split(" ").flatMap((name) => query.getAll(name));
    if (given.length) field.value = given.join("list" in field.dataset ? "\n" : " ");
  }
}

function conf() {
  const found = {};
  for (const field of form.querySelectorAll("[name]")) {
    const text = field.value.trim();
    const lines = text.split("\n").map((line) => line.trim()).filter(Boolean);
    found[field.name] = "list" in field.dataset ? lines : text || null;
  }
  return found;
}

function tell(text, state) {
  said.textContent = text;
  said.dataset.state = state;
}

async function ask(method, path, body) {
  const options = { method, credentials: "same-origin", headers: { "content-type": "application/json" } };
  const answer = await fetch(new URL(path, api), body ? { ...options, body: JSON.stringify(body) } : options);
  if (answer.status === 401) {
    location.assign(new URL(`auth/login?${new URLSearchParams({ next: location.href })}`, api));
    throw new Error("you are not logged in");
  }
  const told = await answer.json().catch(() => ({}));
  if (answer.status === 403) throw new Error(`you may not trigger ${form.dataset.dag}`);
  if (!answer.ok) throw new Error(typeof told.detail === "string" ? told.detail : `Airflow says ${answer.status}`);
  return told;
}

async function ended(run) {
  for (let poll = 0; poll < POLLS; poll += 1) {
    const { state } = await ask("GET", `${dag}/dagRuns/${encodeURIComponent(run)}`);
    if (state === "success" || state === "failed") return state;
    await new Promise((wake) => setTimeout(wake, 1000));
  }
  return "not over yet";
}

async function trigger(event) {
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  tell("…", "running");
  try {
    // A run of a paused DAG would wait for ever; Airflow's own form does the same.
    if ((await ask("GET", dag)).is_paused) await ask("PATCH", `${dag}?update_mask=is_paused`, { is_paused: false });
    const { dag_run_id: run } = await ask("POST", `${dag}/dagRuns`, { logical_date: null, conf: conf() });
    tell(`Run ${run} has begun.`, "running");
    const state = await ended(run);
    const more = { success: "Done.", failed: "It failed; the run's log says why." }[state] ?? "It is not over yet.";
    tell(`${more} (${run})`, state);
  } catch (error) {
    tell(`It did not work: ${error.message}`, "failed");
  } finally {
    button.disabled = false;
  }
}

fill();
form.addEventListener("submit", trigger);
