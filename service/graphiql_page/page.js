// The editor: sends what is written to /graphql and shows the answer. Everything it remembers
// (token, query, history) stays in this tab's sessionStorage.
import { Docs } from "/graphiql/docs.js";

const $ = (id) => document.getElementById(id);
const FIRST_QUERY = `# Ctrl-Enter runs the operation. Paste a token above first.
query FirstLook {
  viewer {
    label
    institutionCode
    roles
  }
}
`;
const MOST_KEPT = 30;

const recall = (key, otherwise) => sessionStorage.getItem(`portcullis.${key}`) ?? otherwise;
const remember = (key, value) => sessionStorage.setItem(`portcullis.${key}`, value);

async function ask(body) {
  const headers = {
    "content-type": "application/json",
    accept: "application/graphql-response+json, application/json;q=0.9",
  };
  const token = $("token").value.trim().replace(/^Bearer\s+/i, "");
  if (token) headers.authorization = `Bearer ${token}`;
  const response = await fetch("/graphql", { method: "POST", headers, body: JSON.stringify(body) });
  return { status: response.status, answer: await response.json() };
}

function operationNames(query) {
  const text = query.replace(/#[^\n]*/g, "").replace(/"""[\s\S]*?"""|"(\\.|[^"\\\n])*"/g, '""');
  return [...text.matchAll(/\b(?:query|mutation|subscription)\s+([_A-Za-z]\w*)/g)].map((m) => m[1]);
}

function offerOperations() {
  const chosen = $("operation").value;
  const names = operationNames($("query").value);
  const shown = names.length ? names : [""];
  $("operation").replaceChildren(...shown.map((name) => new Option(name || "(the only one)", name)));
  if (names.includes(chosen)) $("operation").value = chosen;
  $("operation").disabled = names.length < 2;
}

function say(text, bad = false) {
  $("status").textContent = text;
  $("status").classList.toggle("bad", bad);
}

// JSON with colours, built from text nodes only: nothing of an answer is ever read as HTML.
function show(value) {
  const text = JSON.stringify(value, null, 2);
  const pattern = /("(?:\\.|[^"\\])*")(\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/gi;
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    parts.push(text.slice(end, match.index));
    const mark = document.createElement("span");
    mark.className = match[2] ? "key" : match[1] ? "text" : "plain";
    mark.textContent = match[0];
    parts.push(mark);
    end = match.index + match[0].length;
  }
  $("response").replaceChildren(...parts, text.slice(end));
}

function history() {
  return JSON.parse(recall("history", "[]"));
}

function keep(query, variables) {
  const entry = { query, variables, at: new Date().toLocaleTimeString() };
  const others = history().filter((old) => old.query !== query || old.variables !== variables);
  remember("history", JSON.stringify([entry, ...others].slice(0, MOST_KEPT)));
  offerHistory();
}

function offerHistory() {
  const label = (entry) => operationNames(entry.query)[0] ?? entry.query.replace(/\s+/g, " ").slice(0, 40);
  const options = history().map((entry, place) => new Option(`${entry.at} ${label(entry)}`, place));
  $("history").replaceChildren(new Option("…", ""), ...options);
}

async function run() {
  const query = $("query").value;
  let variables = null;
  try {
    variables = $("variables").value.trim() ? JSON.parse($("variables").value) : null;
  } catch (error) {
    say(`Variables: ${error.message}`, true);
    return;
  }
  say("Running…");
  $("run").disabled = true;
  const started = performance.now();
  try {
    const { status, answer } = await ask({
      query, variables, operationName: $("operation").value || null,
    });
    const took = Math.round(performance.now() - started);
    const cost = answer.extensions?.cost;
    const used = cost ? ` · ${cost.fields} fields, ${cost.rows} rows, depth ${cost.depth}` : "";
    say(`${status} · ${took} ms${used}`, status !== 200 || Boolean(answer.errors));
    show(answer);
    keep(query, $("variables").value);
  } catch (error) {
    say(`No answer: ${error.message}`, true);
  } finally {
    $("run").disabled = false;
  }
}

const docs = new Docs({ ask, pane: $("docs"), filter: $("docs-filter"), back: $("docs-back"), who: $("who") });

$("token").value = recall("token", "");
$("query").value = recall("query", FIRST_QUERY);
$("variables").value = recall("variables", "");
for (const id of ["token", "query", "variables"]) {
  $(id).addEventListener("input", () => remember(id, $(id).value));
}
$("query").addEventListener("input", offerOperations);
$("token").addEventListener("change", () => docs.load());
$("show-token").addEventListener("click", () => {
  const hidden = $("token").type === "password";
  $("token").type = hidden ? "text" : "password";
  $("show-token").textContent = hidden ? "Hide" : "Show";
});
$("run").addEventListener("click", run);
$("docs-load").addEventListener("click", () => docs.load());
$("history").addEventListener("change", () => {
  const entry = history()[$("history").value];
  if (!entry) return;
  $("query").value = entry.query;
  $("variables").value = entry.variables;
  remember("query", entry.query);
  remember("variables", entry.variables);
  offerOperations();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    run();
  }
});
$("query").focus();
offerOperations();
offerHistory();
docs.load();
