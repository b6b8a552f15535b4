/** Examples of the OpenAPI document; a test holds them to its schemas. */

export const queryExample = {
  request: { query: "How do I rotate the API key?", k: 1, mode: "hybrid", filter: { metadata: { team: "platform" } } },
  response: {
    results: [
      {
        content: "Two keys are valid during a rotation. Add the new one, deploy, then remove the old one.",
        source: {
          uri: "gs://handbook/security.md",
          title: "Security",
          heading: "Keys > Rotation",
          start: 1840,
          end: 1927,
          version: "1714060800000000",
          ordinal: 6,
          metadata: { team: "platform" },
        },
        score: 0.83,
      },
    ],
    took_ms: 12.4,
    trace_id: "4bf92f3577b34da6a3ce929d0e0e4736",
  },
};

const cited = {
  content: "Backups are kept for 30 days. They lie in another region.",
  source: {
    uri: "gs://handbook/backups.md",
    title: "Backups",
    heading: "Retention",
    start: 100,
    end: 157,
    version: "1714060800000000",
    ordinal: 1,
    metadata: {},
  },
  score: 0.91,
};

export const answerExample = {
  request: { question: "How long are backups kept?" },
  response: {
    answer: "Backups are kept for 30 days.",
    sentences: [{ text: "Backups are kept for 30 days.", basis: "quoted", citations: [0] }],
    citations: [
      { quote: "Backups are kept for 30 days.", passage: 1, source: { ...cited.source, start: 100, end: 129 } },
    ],
    abstained: false,
    answerability: 0.97,
    degraded: false,
    generator: "extractive",
    dropped: { unquoted: 0, unsupported: 0, garbled: 0, surplus: 0 },
    usage: { input_tokens: 0, output_tokens: 0 },
    passages: [cited],
    took_ms: 41.5,
    trace_id: "4bf92f3577b34da6a3ce929d0e0e4736",
  },
};

const document = {
  uri: "gs://handbook/security.md",
  title: "Security",
  state: "indexed",
  version: "1714060800000000",
  size: 5120,
  content_type: "text/markdown",
  updated_at: "2026-04-25T16:00:00Z",
  indexed_at: "2026-04-25T16:00:04Z",
  chunks: 9,
  records: 1,
  faults: { count: 0, first: [] },
};

export const documentsExample = {
  documents: [document],
  next: "gs://handbook/security.md",
  trace_id: "4bf92f3577b34da6a3ce929d0e0e4736",
};

export const documentExample = {
  document,
  parts: [
    {
      uri: "gs://handbook/security.md",
      title: "Security",
      metadata: { team: "platform" },
      start: 1840,
      end: 1927,
      text: "Two keys are valid during a rotation. Add the new one, deploy, then remove the old one.",
      passages: [{ ordinal: 6, heading: "Keys > Rotation", start: 1840, end: 1927 }],
    },
  ],
  next: 7,
  trace_id: "4bf92f3577b34da6a3ce929d0e0e4736",
};

export const readyExample = {
  ready: true,
  model: { model: "sentence-transformers/all-MiniLM-L6-v2", dimensions: 384, revision: "sha256:…" },
};
