// Shows /openapi.json and sends requests of the reader's. Text is only ever set as text, never as HTML.
"use strict";

const MOST_CHARACTERS = 200_000; // of an answer shown; a stream of a million events must not fill the page

/** An element with properties and children; strings become text. */
function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

function link(reference) {
  const name = reference.split("/").pop();
  return make("a", { href: `#schema-${name}` }, name);
}

/** What a schema is, in a few words and links. */
function typeOf(schema) {
  if (schema.$ref) return [link(schema.$ref)];
  if (schema.anyOf) return schema.anyOf.flatMap((each, i) => (i ? [" or ", ...typeOf(each)] : typeOf(each)));
  if ([schema.type].flat().includes("array")) return ["list of ", ...typeOf(schema.items ?? {})];
  if (schema.additionalProperties?.type || schema.additionalProperties?.$ref)
    return ["map to ", ...typeOf(schema.additionalProperties)];
  return [schema.format ?? [schema.type ?? "any JSON"].flat().join(" or ")];
}

/** The rules beside the type: bounds, lengths, patterns. */
function rulesOf(schema) {
  const shown = ["minimum", "maximum", "minLength", "maxLength", "pattern", "maxItems", "uniqueItems"];
  const rules = shown.filter((name) => name in schema).map((name) => `${name} ${schema[name]}`);
  return schema.items ? [...rules, ...rulesOf(schema.items)] : rules;
}

function described(schema, description) {
  const cell = make("td", {}, ...typeOf(schema));
  const rules = rulesOf(schema).join(", ");
  if (rules) cell.append(make("div", { className: "note" }, rules));
  cell.append(make("div", { className: "description" }, description ?? schema.description ?? ""));
  return cell;
}

function resolve(api, object) {
  return object.$ref ? object.$ref.slice(2).split("/").reduce((at, key) => at[key], api) : object;
}

function inputFor(api, parameter) {
  const schema = parameter.schema;
  const values = schema.$ref ? resolve(api, schema).enum : schema.type === "boolean" ? ["true", "false"] : null;
  if (values) return make("select", {}, make("option", {}, ""), ...values.map((value) => make("option", {}, value)));
  const hint = schema.type === "array" ? "one per line" : (schema.examples?.[0] ?? "");
  return make(schema.type === "array" ? "textarea" : "input", { placeholder: hint, rows: 1, required: !!parameter.required });
}

function parameterRow(api, parameter, inputs) {
  const input = inputFor(api, parameter);
  input.setAttribute("aria-label", parameter.name);
  inputs.push([parameter, input]);
  const name = make("td", {}, make("code", {}, parameter.name), make("div", { className: "note" }, parameter.in));
  return make("tr", {}, name, described(parameter.schema, parameter.description), make("td", { className: "value" }, input));
}

/** The request that the form's inputs ask for. */
function requestOf(path, inputs) {
  const query = new URLSearchParams();
  const headers = {};
  for (const [parameter, input] of inputs) {
    const values = parameter.schema.type === "array" ? input.value.split("\n").filter(Boolean) : [input.value];
    for (const value of values.filter((each) => each !== "")) {
      if (parameter.in === "path") path = path.replace(`{${parameter.name}}`, encodeURIComponent(value));
      else if (parameter.in === "header") headers[parameter.name] = value;
      else query.append(parameter.name, value);
    }
  }
  const text = query.toString();
  return { url: text ? `${path}?${text}` : path, headers };
}

/** Read an answer as it comes, and stop when there is more than a page can show. */
async function show(response, output) {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (reader && text.length < MOST_CHARACTERS) {
    const { done, value } = await reader.read();
    if (done) break;
    text += value;
    output.textContent = `${response.status} ${response.statusText}\n\n${text}`;
  }
  await reader?.cancel();
  try {
    text = JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    // Not one JSON value, as a stream's lines are not: it is shown as it came.
  }
  output.textContent = `${response.status} ${response.statusText}\n\n${text}`;
}

/** The fields of an object, one per row. */
function fieldsOf(schema) {
  const rows = Object.entries(schema.properties ?? {}).map(([field, type]) =>
    make("tr", {}, make("td", {}, make("code", {}, field)), described(type)),
  );
  return make("table", {}, ...rows);
}

function form(api, path, verb, operation) {
  const inputs = [];
  const parameters = operation.parameters.map((parameter) => resolve(api, parameter));
  const table = make("table", {}, ...parameters.map((parameter) => parameterRow(api, parameter, inputs)));
  const output = make("pre", { hidden: true });
  const accept = make("select", {}, ...Object.keys(operation.responses["200"].content).map((type) => make("option", {}, type)));
  const fields = operation.requestBody?.content["application/json"].schema;
  const body = fields ? make("textarea", { rows: 6, value: "{}", ariaLabel: "Body" }) : null;
  const bodyParts = body ? [make("h3", {}, "Body"), fieldsOf(fields), body] : [];
  const element = make("form", {}, table, ...bodyParts, "Accept ", accept, make("button", {}, "Send"), output);
  element.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { url, headers } = requestOf(path, inputs);
    if (body) headers["Content-Type"] = "application/json";
    output.hidden = false;
    output.textContent = `${verb.toUpperCase()} ${url}`;
    try {
      const options = { method: verb.toUpperCase(), headers: { ...headers, Accept: accept.value }, body: body?.value };
      await show(await fetch(url, options), output);
    } catch (error) {
      output.textContent = `No answer: ${error.message}`;
    }
  });
  return element;
}

function operationOf(api, path, verb, operation) {
  const title = make("summary", {}, make("span", { className: `verb ${verb}` }, verb.toUpperCase()));
  title.append(make("span", { className: "path" }, path), operation.summary);
  const media = Object.values(operation.responses["200"].content)[0].schema;
  const failures = Object.keys(operation.responses).filter((status) => status >= "400").join(", ");
  const answer = make("p", {}, "Answers ", ...typeOf(media), ". Failures: ", link("#/components/schemas/Problem"), ` (${failures}).`);
  const details = make("details", { id: operation.operationId }, title);
  // The form is made when it is first looked at: most never are.
  details.addEventListener(
    "toggle",
    () => details.append(make("p", { className: "description" }, operation.description), answer, form(api, path, verb, operation)),
    { once: true },
  );
  return details;
}

function schemaOf(name, schema) {
  const details = make("details", { id: `schema-${name}` }, make("summary", {}, make("code", {}, name)));
  details.append(make("p", { className: "description" }, schema.description ?? ""), fieldsOf(schema));
  return details;
}

function render(api) {
  const summary = document.getElementById("summary");
  const source = make("a", { href: "/openapi.json" }, "OpenAPI document");
  summary.replaceChildren(`${api.info.summary} Version ${api.info.version}. `, source);
  summary.after(make("p", { className: "description" }, api.info.description.replaceAll("**", "")));
  for (const tag of api.tags) {
    const section = make("section", {}, make("h2", {}, tag.name), make("p", { className: "description" }, tag.description));
    for (const [path, item] of Object.entries(api.paths))
      for (const [verb, operation] of Object.entries(item))
        if (operation.tags.includes(tag.name)) section.append(operationOf(api, path, verb, operation));
    document.getElementById("operations").append(section);
  }
  const schemas = document.getElementById("schemas");
  schemas.hidden = false;
  for (const [name, schema] of Object.entries(api.components.schemas)) schemas.append(schemaOf(name, schema));
  addEventListener("hashchange", openTarget);
  openTarget();
}

/** Open the section that the address names. */
function openTarget() {
  const target = document.getElementById(location.hash.slice(1));
  if (target instanceof HTMLDetailsElement) target.open = true;
  target?.scrollIntoView();
}

fetch("/openapi.json")
  .then((response) => response.json())
  .then(render)
  .catch((error) => {
    document.getElementById("summary").textContent = `The OpenAPI document could not be read: ${error.message}`;
  });
