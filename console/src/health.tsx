import type { DocumentFacts } from "./api.ts";
import { get } from "./api.ts";
import { mayWrite } from "./changing.tsx";
import { when } from "./document.tsx";
import { bytes, type Listing, listing } from "./documents.tsx";
import { Wide } from "./drawing.tsx";
import { Lately, Tasks } from "./live.tsx";
import { Fault, once, useTask, Waiting } from "./parts.tsx";
import { texts } from "./texts.ts";

const { health } = texts;
/** Documents that the picture is drawn from. */
const counted = 20_000;
/** Rows of the picture: any end of a name can be a kind. */
const kindsShown = 20;

interface Checks {
  findings: { check: string; level: "ok" | "warning" | "error"; found: string; advice?: string }[];
}

interface Ready {
  model: { model: string; dimensions: number; revision: string };
}

export function Health() {
  const ready = useTask("ready", (signal) => once(get<Ready>("readyz", {}, signal)));
  const up = useTask("up", (signal) => once(get<{ version: string }>("healthz", {}, signal)));
  const documents = useTask("documents", (signal) => listing(counted, signal));
  const again = () => {
    ready.again();
    up.again();
    documents.again();
    checks.again();
  };
  const model = ready.value?.model;
  const checks = useTask(mayWrite.value ? "doctor" : "", (signal) => once(get<Checks>("doctor", {}, signal)));
  return (
    <>
      <h1>{texts.pages.health}</h1>
      <p class="lead">{health.lead}</p>
      <div role="status">
        {model && !ready.failure && <p class="good">✓ {health.ready}</p>}
        {ready.failure && <p class="bad">✗ {health.notReady}</p>}
      </div>
      {ready.busy && <Waiting task={ready} text={health.looking} />}
      {ready.failure && <Fault failure={ready.failure} again={ready.failure.code === "stopped" ? again : undefined} />}
      <button type="button" onClick={again} aria-disabled={ready.busy || documents.busy}>
        {health.again}
      </button>
      <dl class="facts">
        {up.value && <Fact name={health.version} value={up.value.version} />}
        {model && <Fact name={health.model} value={model.model} />}
        {model && <Fact name={health.dimensions} value={String(model.dimensions)} />}
        {model && <Fact name={health.revision} value={model.revision} />}
      </dl>
      {checks.failure && <Fault failure={checks.failure} again={checks.again} />}
      {checks.value && <Findings {...checks.value} />}
      <Tasks />
      {documents.failure && <Fault failure={documents.failure} again={documents.again} />}
      {documents.value && <Picture {...documents.value} />}
      <Lately />
    </>
  );
}

/** What `isthmus doctor` says, for those who look after the server. */
function Findings({ findings }: Checks) {
  return (
    <section class="findings">
      <h2>{health.checks}</h2>
      <dl>
        {findings.map(({ check, level, found, advice }) => (
          <div>
            <dt>{check}</dt>
            <dd>
              {level !== "ok" && <strong class={level === "error" ? "bad" : ""}>{health.levels[level]}: </strong>}
              {found}
              {advice !== undefined && <span class="quiet small advice">{advice}</span>}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function kindOf({ content_type: type, uri }: DocumentFacts): string {
  const extension = /\.([a-z0-9]{1,8})$/i.exec(uri)?.[1];
  return extension?.toLowerCase() ?? type ?? "—";
}

const sizeLimits = [10_000, 100_000, 1_000_000, 10_000_000, Number.POSITIVE_INFINITY];

/** Documents by size, those steps left out that hold none. */
function sizesOf(indexed: readonly DocumentFacts[]) {
  return sizeLimits
    .map((limit, at) => ({
      name:
        limit === Number.POSITIVE_INFINITY ? health.over(bytes(sizeLimits[at - 1] ?? 0)) : health.upTo(bytes(limit)),
      of: indexed.filter(
        ({ size }) => (size ?? 0) <= limit && (size ?? 0) > (at === 0 ? -1 : (sizeLimits[at - 1] ?? 0)),
      ),
    }))
    .filter(({ of }) => of.length > 0);
}

interface Group {
  kind: string;
  of: DocumentFacts[];
  chunks: number;
}

/** The rest becomes one. */
function largest(kinds: Group[]): Group[] {
  if (kinds.length <= kindsShown) return kinds;
  const others = kinds.slice(kindsShown);
  return [
    ...kinds.slice(0, kindsShown),
    {
      kind: health.others(others.length),
      of: others.flatMap(({ of }) => of),
      chunks: others.reduce((total, { chunks }) => total + chunks, 0),
    },
  ];
}

/** What the index holds, by kind and by size, and what failed, by code. */
function Picture({ documents, more }: Listing) {
  const indexed = documents.filter(({ version }) => version !== null);
  const sum = (of: DocumentFacts[], what: (document: DocumentFacts) => number) =>
    of.reduce((total, document) => total + what(document), 0);
  const last = indexed
    .map(({ indexed_at: at }) => at ?? "")
    .sort()
    .at(-1);
  const kinds = largest(
    [...Map.groupBy(indexed, kindOf)]
      .map(([kind, of]) => ({ kind, of, chunks: sum(of, ({ chunks }) => chunks) }))
      .sort((a, b) => b.chunks - a.chunks),
  );
  const most = Math.max(1, ...kinds.map(({ chunks }) => chunks));
  const failed = [
    ...Map.groupBy(
      documents.filter(({ error }) => error !== undefined),
      ({ error }) => error?.code ?? "",
    ),
  ];
  return (
    <>
      <dl class="facts">
        <Fact name={health.documents} value={indexed.length.toLocaleString("en")} />
        <Fact name={health.passages} value={sum(indexed, ({ chunks }) => chunks).toLocaleString("en")} />
        <Fact name={health.bytes} value={bytes(sum(indexed, ({ size }) => size ?? 0))} />
        <Fact name={health.last} value={last === undefined || last === "" ? health.never : when(last)} />
      </dl>
      {more && <p class="quiet small">{health.counted(documents.length)}</p>}
      {kinds.length > 0 && (
        <Wide name={health.kinds}>
          <table>
            <caption>{health.kinds}</caption>
            <thead>
              <tr>
                <th scope="col">{health.kind}</th>
                <th scope="col">{health.count}</th>
                <th scope="col">{health.passages}</th>
                <th scope="col">{health.bytes}</th>
              </tr>
            </thead>
            <tbody>
              {kinds.map(({ kind, of, chunks }) => (
                <tr>
                  <th scope="row">{kind}</th>
                  <td>{of.length.toLocaleString("en")}</td>
                  <td>
                    <meter value={chunks} max={most} aria-label={`${health.passages}: ${kind}`} />{" "}
                    {chunks.toLocaleString("en")}
                  </td>
                  <td>{bytes(sum(of, ({ size }) => size ?? 0))}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Wide>
      )}
      {indexed.length > 0 && (
        <Wide name={health.sizes}>
          <table>
            <caption>{health.sizes}</caption>
            <thead>
              <tr>
                <th scope="col">{health.size}</th>
                <th scope="col">{health.count}</th>
                <th scope="col">{health.passages}</th>
              </tr>
            </thead>
            <tbody>
              {sizesOf(indexed).map(({ name, of }) => (
                <tr>
                  <th scope="row">{name}</th>
                  <td>
                    <meter value={of.length} max={indexed.length} aria-label={`${health.count}: ${name}`} />{" "}
                    {of.length.toLocaleString("en")}
                  </td>
                  <td>{sum(of, ({ chunks }) => chunks).toLocaleString("en")}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Wide>
      )}
      {failed.length === 0 ? (
        <p>{health.noFailures}</p>
      ) : (
        <table>
          <caption>{health.failures}</caption>
          <thead>
            <tr>
              <th scope="col">{health.code}</th>
              <th scope="col">{health.count}</th>
            </tr>
          </thead>
          <tbody>
            {failed.map(([code, of]) => (
              <tr>
                <th scope="row">
                  <code>{code}</code>
                </th>
                <td>{of.length}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}
