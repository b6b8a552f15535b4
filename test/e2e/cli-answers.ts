// What the command line writes with --json, as far as the tests of it look.

export interface IngestAnswer {
  readonly added: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly failed: number;
  readonly faults: number;
  readonly took_ms: number;
}

export interface QueryAnswer {
  readonly results: readonly {
    readonly content: string;
    readonly source: { readonly uri: string; readonly heading: string; readonly start: number; readonly end: number };
    readonly score: number;
  }[];
}

export interface ErrorAnswer {
  readonly error: { readonly code: string; readonly message: string };
}
