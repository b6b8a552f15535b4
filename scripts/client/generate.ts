import { comment, nameOf, type Schema, typeOf } from "./types.ts";

interface Media {
  readonly schema?: Schema;
  readonly "x-events"?: Readonly<Record<string, Schema>>;
  /** The event that ends the stream; absent for one without an end. */
  readonly "x-last-event"?: string;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly schema: Schema;
}

interface OperationObject {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, Media>> }>>;
}

/** An OpenAPI document, as far as the client is made from it. */
export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, OperationObject>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

const head = `// Made by \`npm run client\` from /openapi.json. Do not edit: change the schemas, and run it again.

/** Of one call, beside what it asks for. */
export interface CallOptions {
  /** Ends the call, and in a stream the server's work. */
  readonly signal?: AbortSignal | undefined;
  /** In place of the client's own. */
  readonly timeoutMs?: number | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** How one operation is called. */
export interface Operation {
  readonly method: string;
  readonly path: string;
  /** Names that go into the query. */
  readonly query?: readonly string[];
  /** The content type of what is sent. */
  readonly content?: string;
  /** Of a stream: its last event, or "" for a stream without an end. */
  readonly last?: string;
}
`;

/** The module that the client is made of: the types, and how each operation is called. The same document gives the same text. */
export function generateClient({ paths, components }: OpenApi): string {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, operation]) => operationsOf(path, method.toUpperCase(), operation)),
  );
  const table = operations.map(({ name, how }) => `  ${name}: ${JSON.stringify(how)},\n`).join("");
  const methods = operations.map(({ signature, summary }) => `${comment(summary, "  ")}  ${signature}\n`).join("");
  const types = Object.entries(components.schemas)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, schema]) => `${comment(schema.description)}export type ${name} = ${typeOf(schema)};\n`);
  const codes = components.schemas["Problem"]?.properties?.["code"]?.["x-extensible-enum"] ?? [];
  const known = codes.map((code) => `  | ${JSON.stringify(code)}\n`).join("");
  return [
    head,
    `export const operations: Readonly<Record<keyof Client, Operation>> = {\n${table}};\n`,
    `/** A method for each operation. */\nexport interface Client {\n${methods}}\n`,
    "/** Codes of the server's problems; there may be more of them one day. */",
    `export type ProblemCode =\n${known}  | (string & {});\n`,
    ...types,
  ].join("\n");
}

function operationsOf(path: string, method: string, operation: OperationObject) {
  const { operationId, summary, parameters = [], requestBody, responses } = operation;
  const [content, ...otherContents] = Object.keys(requestBody?.content ?? {});
  if (otherContents.length > 0) throw new Error(`${operationId} takes ${otherContents.length + 1} kinds of body`);
  const query = parameters.filter((parameter) => parameter.in === "query").map(({ name }) => name);
  const how = { method, path, ...(query.length > 0 && { query }), ...(content !== undefined && { content }) };
  const input = inputOf(operation, content);
  const optional = !parameters.some(({ required }) => required) && content === undefined;
  const given = `input${optional ? "?" : ""}: ${input}, options?: CallOptions`;
  const answers = Object.entries(responses).filter(([status]) => /^2/.test(status));
  const kinds = Object.assign({}, ...answers.map(([, answer]) => answer.content ?? {})) as Record<string, Media>;
  const made = [];
  for (const [type, media] of Object.entries(kinds)) {
    const streams = type === "text/event-stream";
    if (!streams && type !== "application/json") throw new Error(`${operationId} answers ${type}`);
    const name = streams && "application/json" in kinds ? `${operationId}Stream` : operationId;
    const signature = streams
      ? `${name}(${given}): AsyncGenerator<${eventsOf(media)}, void, undefined>;`
      : `${name}(${given}): Promise<${typeOf(media.schema ?? {})}>;`;
    made.push({
      name,
      summary: streams ? `${summary}, as it comes` : summary,
      how: streams ? { ...how, last: media["x-last-event"] ?? "" } : how,
      signature,
    });
  }
  if (made.length === 0) {
    made.push({ name: operationId, summary, how, signature: `${operationId}(${given}): Promise<void>;` });
  }
  return made;
}

/** One object: the parameters, and the fields of a JSON body or the bytes of another. */
function inputOf({ parameters = [], requestBody }: OperationObject, content: string | undefined): string {
  const members = parameters.map(({ name, required, schema }) =>
    required ? `readonly ${name}: ${typeOf(schema)}` : `readonly ${name}?: ${typeOf(schema)} | undefined`,
  );
  if (content !== undefined && content !== "application/json") {
    members.push("readonly content: Blob | Uint8Array<ArrayBuffer> | string");
  }
  const fields = members.length === 0 ? [] : [`{ ${members.join("; ")} }`];
  const body = content === "application/json" ? [typeOf(requestBody?.content[content]?.schema ?? {})] : [];
  return [...fields, ...body].join(" & ") || "Readonly<Record<string, never>>";
}

function eventsOf(media: Media): string {
  return Object.entries(media["x-events"] ?? {})
    .filter(([event]) => event !== "problem")
    .map(([event, { $ref = "" }]) => `{ readonly event: ${JSON.stringify(event)}; readonly data: ${nameOf($ref)} }`)
    .join(" | ");
}
