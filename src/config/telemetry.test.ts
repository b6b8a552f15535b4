import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createReader } from "./read.ts";
import { parseTelemetry, parseTraceAddress } from "./telemetry.ts";

const read = (environment: Record<string, string>) => {
  const reader = createReader(environment);
  return { settings: parseTelemetry(reader), faults: reader.faults.join("\n") };
};

describe("the settings of telemetry", () => {
  it("are none where nothing is to be sent nor shown, or where it is switched off", () => {
    assert.equal(read({}).settings, undefined);
    assert.equal(read({ OTEL_SERVICE_NAME: "a", OTEL_TRACES_SAMPLER_ARG: "0.5" }).settings, undefined);
    const off = { OTEL_SDK_DISABLED: "true", OTEL_EXPORTER_OTLP_ENDPOINT: "http://c:4318", ISTHMUS_METRICS: "true" };
    assert.equal(read(off).settings, undefined);
  });

  it("send each signal to its own address, or to that of all with its path", () => {
    const { settings } = read({
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://c:4318/",
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: "https://m/v1/numbers",
    });
    assert.deepEqual([settings?.traces, settings?.metrics], ["http://c:4318/v1/traces", "https://m/v1/numbers"]);
    const shown = read({ ISTHMUS_METRICS: "true" }).settings;
    assert.deepEqual([shown?.traces, shown?.metrics, shown?.prometheus, shown?.ratio], [undefined, undefined, true, 1]);
  });

  it("have pairs that are URL-encoded, and tell no value of one that is none", () => {
    const { settings } = read({
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://c:4318",
      OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%20a,x-team=b",
      OTEL_RESOURCE_ATTRIBUTES: "deployment.environment=prod",
    });
    assert.deepEqual(settings?.headers, { authorization: "Bearer a", "x-team": "b" });
    assert.deepEqual(settings?.resource, { "deployment.environment": "prod" });
    const { faults } = read({ OTEL_EXPORTER_OTLP_HEADERS: "a=b,canary,c=%zzcanary" });
    assert.match(faults, /part 2 .*\n.*part 3/);
    assert.doesNotMatch(faults, /canary/);
  });

  it("take no password in an address, and show none", () => {
    for (const name of ["ENDPOINT", "TRACES_ENDPOINT", "METRICS_ENDPOINT"]) {
      const { faults } = read({ [`OTEL_EXPORTER_OTLP_${name}`]: "http://ada:canary@c:4318" });
      assert.match(faults, /OTEL_EXPORTER_OTLP_HEADERS/);
      assert.doesNotMatch(faults, /canary/);
    }
  });

  for (const [name, value, fault] of [
    ["OTEL_TRACES_SAMPLER_ARG", "1.5", /from 0 to 1/],
    ["OTEL_TRACES_SAMPLER_ARG", "half", /from 0 to 1/],
    ["OTEL_EXPORTER_OTLP_TIMEOUT", "0", /from 1 to/],
    ["OTEL_EXPORTER_OTLP_ENDPOINT", "c:4318", /http:\/\/ or https/],
    ["OTEL_EXPORTER_OTLP_CERTIFICATE", "/nowhere/ca.pem", /cannot be read/],
  ] as const) {
    it(`${name}=${value} is a fault`, () => assert.match(read({ [name]: value }).faults, fault));
  }
});

it("the address of a trace has a place for its id", () => {
  assert.equal(parseTraceAddress({}), undefined);
  const of = parseTraceAddress({ ISTHMUS_TRACE_URL: "http://z/traces/{trace_id}?x={trace_id}" });
  assert.equal(of?.("1a"), "http://z/traces/1a?x=1a");
  assert.throws(() => parseTraceAddress({ ISTHMUS_TRACE_URL: "http://z/traces/" }), /no \{trace_id\}/);
});
