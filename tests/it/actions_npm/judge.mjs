// What GitHub's own parser and evaluator for editors (`@actions/workflow-parser`, `@actions/expressions`) say of workflow
// files and expressions. Reads one object of JSON, `{ files, expressions, contexts }`, and prints one.
import { register } from "node:module";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

// The package imports its schema without saying that it is JSON, which is for bundlers: Node wants that said.
const hook = `
  import { readFile } from "node:fs/promises";
  export async function load(url, context, next) {
    if (!url.endsWith(".json")) return next(url, context);
    const source = "export default " + (await readFile(new URL(url), "utf8"));
    return { format: "module", shortCircuit: true, source };
  }`;
register("data:text/javascript," + encodeURIComponent(hook));

const folder = process.env.ACTIONS;
const entry = (name) => pathToFileURL(`${folder}/node_modules/@actions/${name}/dist/index.js`).href;
const { parseWorkflow, convertWorkflowTemplate, NoOperationTraceWriter } = await import(entry("workflow-parser"));
const { Lexer, Parser, Evaluator, data } = await import(entry("expressions"));

const asked = JSON.parse(readFileSync(0, "utf8"));
const TRY = 1; // ErrorPolicy.TryConversion, which the package does not hand out.

function contextOf(value) {
  if (value === null) return new data.Null();
  if (typeof value === "string") return new data.StringData(value);
  const pairs = Object.entries(value).map(([key, value]) => ({ key, value: contextOf(value) }));
  return new data.Dictionary(...pairs);
}

const answer = (name, value) => ({ name, minArgs: 0, maxArgs: 255, call: () => new data.BooleanData(value) });
const functions = [answer("success", true), answer("always", true), answer("failure", false), answer("cancelled", false)];
const contexts = contextOf(asked.contexts);

/** What an expression comes to: how it is written as text, and whether it counts as true. */
function evaluated(text) {
  try {
    const parsed = new Parser(new Lexer(text).lex().tokens, Object.keys(asked.contexts), functions).parse();
    const calls = new Map(functions.map((one) => [one.name, one]));
    const value = new Evaluator(parsed, contexts, calls).evaluate();
    const isFalse = value.primitive && [null, false, 0, ""].includes(value.value ?? null);
    return { text: value.coerceString(), truth: !(isFalse || Number.isNaN(value.value)) };
  } catch (error) {
    return { error: error.message };
  }
}

async function read(name, content) {
  const parsed = parseWorkflow({ name, content }, new NoOperationTraceWriter());
  const refused = () => parsed.context.errors.getErrors().map((error) => error.message);
  if (!parsed.value) return { refused: refused() };
  const template = await convertWorkflowTemplate(parsed.context, parsed.value, undefined, { errorPolicy: TRY });
  const jobs = template.jobs.map((job) => ({
    id: job.id.value,
    name: job.name?.toString() ?? job.id.value,
    condition: job.if.expression,
    // A list or a group has no text.
    runner: job["runs-on"]?.isScalar ? job["runs-on"].toString() : undefined,
    matrix: job.strategy !== undefined,
    calls: job.ref !== undefined,
  }));
  return { refused: [...refused(), ...(template.errors ?? []).map((error) => error.Message)], jobs };
}

const files = {};
for (const [name, text] of Object.entries(asked.files)) files[name] = await read(name, text);
const expressions = asked.expressions.map(evaluated);
for (const file of Object.values(files)) {
  for (const job of file.jobs ?? []) job.holds = evaluated(job.condition);
}
console.log(JSON.stringify({ files, expressions }));
