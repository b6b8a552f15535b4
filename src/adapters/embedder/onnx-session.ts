import { IsthmusError } from "../../core/errors.ts";
import { ort } from "./onnxruntime.ts";
import { assertTelemetryOff } from "./telemetry-off.ts";
import { normalise } from "./vector.ts";

/** How token vectors become one: the mean over the text's tokens, or the vector of the first token. */
type Pooling = "mean" | "cls";

export interface SessionSettings {
  /** Used where the graph does not pool by itself: `mean` or `cls`. See `ModelDescription`. */
  readonly pooling: string;
  /** Steps after pooling that the graph itself must contain, by name. */
  readonly furtherModules: readonly string[];
}

export interface EmbeddingSession {
  /** One unpadded text, as token ids -> a vector of unit length. */
  run(ids: readonly number[]): Promise<Float32Array<ArrayBuffer>>;
}

/** Of one thread, and with the graph as it was split: exported so that a test can look at what the library makes of them. */
export const sessionOptions: ort.InferenceSession.SessionOptions = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: "sequential",
  graphOptimizationLevel: "all",
  // A pattern is kept for each length met: with a hundred lengths it costs memory and gains nothing.
  enableMemPattern: false,
  // The kernel of that fusion takes four times as long as the two nodes that it replaces (docs/performance.md).
  extra: { optimization: { disable_specified_optimizers: "SkipLayerNormFusion" } },
  logSeverityLevel: 3,
};

/**
 * A session of one thread: several of them, one a worker, beat one session of several threads on small matrices.
 * @throws `model_unsupported` for a graph whose inputs or outputs are not those of a sentence encoder.
 */
export async function createSession(bytes: Uint8Array, settings: SessionSettings): Promise<EmbeddingSession> {
  assertTelemetryOff();
  const session = await ort.InferenceSession.create(bytes, sessionOptions);
  const inputs = session.inputNames;
  const unknown = inputs.filter((name) => !["input_ids", "attention_mask", "token_type_ids"].includes(name));
  if (unknown.length > 0 || !inputs.includes("input_ids")) {
    throw unsupported(`wants inputs that no text gives (${unknown.join(", ")})`);
  }
  const pooled = session.outputNames.find((name) => name === "sentence_embedding");
  const output =
    pooled ?? session.outputNames.find((name) => name === "last_hidden_state" || name === "token_embeddings");
  if (output === undefined) throw unsupported("has neither last_hidden_state nor sentence_embedding as an output");
  if (pooled === undefined && settings.furtherModules.length > 0) {
    throw unsupported(`leaves out ${settings.furtherModules.join(", ")}`);
  }
  const pooling = settings.pooling === "cls" ? "cls" : "mean";
  if (pooled === undefined && settings.pooling !== pooling)
    throw unsupported(`leaves out pooling by ${settings.pooling}`);
  return {
    async run(ids) {
      const shape = [1, ids.length];
      const feeds: Record<string, ort.Tensor> = {
        input_ids: new ort.Tensor("int64", BigInt64Array.from(ids, BigInt), shape),
      };
      if (inputs.includes("attention_mask")) {
        feeds["attention_mask"] = new ort.Tensor("int64", new BigInt64Array(ids.length).fill(1n), shape);
      }
      if (inputs.includes("token_type_ids")) {
        feeds["token_type_ids"] = new ort.Tensor("int64", new BigInt64Array(ids.length), shape);
      }
      const result = (await session.run(feeds, [output]))[output];
      if (!(result?.data instanceof Float32Array)) {
        throw unsupported(`gives ${output} in another type than float32`);
      }
      return normalise(pooled === undefined ? pool(result.data, ids.length, pooling) : result.data.slice());
    },
  };
}

/**
 * One vector from the token vectors. Without padding every position counts, so the mean over the attention mask is the
 * mean over all rows.
 * @param values row after row, `tokens` rows.
 */
function pool(values: Float32Array, tokens: number, pooling: Pooling): Float32Array<ArrayBuffer> {
  const dimensions = values.length / tokens;
  if (pooling === "cls") return values.slice(0, dimensions);
  const sum = new Float64Array(dimensions);
  for (let row = 0, position = 0; row < tokens; row++) {
    for (let column = 0; column < dimensions; column++, position++) {
      sum[column] = (sum[column] ?? 0) + (values[position] ?? 0);
    }
  }
  return Float32Array.from(sum, (value) => value / tokens);
}

function unsupported(what: string): IsthmusError {
  return new IsthmusError(
    "model_unsupported",
    `The model's graph ${what}. Choose a sentence-transformers model with a full ONNX export.`,
  );
}
