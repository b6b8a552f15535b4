import { useRef } from "preact/hooks";
import { type Explanation, type QueryAnswer, query, type Standing } from "./api.ts";
import { shareOf } from "./drawing.tsx";
import { decoded, Fault, Hit, once, score, useTask, Waiting } from "./parts.tsx";
import { documentAt, go, noDocument, parameter } from "./route.ts";
import { texts } from "./texts.ts";

const modes = ["hybrid", "vector", "keyword"] as const;
const counts = ["5", "10", "25", "50"];
const { search } = texts;

function settings() {
  const mode = modes.find((known) => known === parameter("mode")) ?? "hybrid";
  const k = counts.find((known) => known === parameter("k")) ?? "5";
  return {
    q: parameter("q"),
    mode,
    k,
    within: parameter("in"),
    why: parameter("why"),
    explain: parameter("x") !== "0",
  };
}

function bodyOf({ q, mode, k, within, why, explain }: ReturnType<typeof settings>) {
  return {
    query: q,
    mode,
    k: Number(k),
    ...(within !== "" && { filter: { uri: within } }),
    ...(explain && { explain }),
    ...(explain && why !== "" && { why }),
  };
}

export function Search() {
  const chosen = settings();
  const body = bodyOf(chosen);
  const form = useRef<HTMLFormElement>(null);
  const task = useTask(chosen.q === "" ? "" : JSON.stringify(body), (signal) => once(query(body, signal)));
  const { value, failure, busy } = task;
  const apply = (event: Event) => {
    event.preventDefault();
    const fields = new FormData(form.current ?? undefined);
    const text = (name: string) => String(fields.get(name) ?? "").trim();
    if (event.type === "change" && chosen.q === "") return;
    if (text("q") === "") return form.current?.querySelector("input")?.focus();
    const changes = {
      q: text("q"),
      mode: text("mode"),
      k: text("k"),
      in: text("in"),
      why: text("why"),
      x: fields.has("x") ? "" : "0",
    };
    const before = location.hash;
    go({ ...changes, ...noDocument });
    if (location.hash === before) task.again();
  };
  return (
    <>
      <h1>{texts.pages.search}</h1>
      <p class="lead">{search.lead}</p>
      <search>
        <form ref={form} onSubmit={apply}>
          <div class="ask">
            <input
              key={chosen.q}
              name="q"
              type="search"
              maxLength={2000}
              defaultValue={chosen.q}
              aria-label={search.label}
              autocomplete="off"
              data-slash
            />
            <button type="submit" class="main" aria-disabled={busy}>
              {search.button}
            </button>
          </div>
          <div class="how">
            <label>
              {search.by}{" "}
              <select name="mode" value={chosen.mode} onChange={apply}>
                {modes.map((mode) => (
                  <option value={mode}>{search.modes[mode]}</option>
                ))}
              </select>
            </label>
            <label>
              {search.show}{" "}
              <select name="k" value={chosen.k} onChange={apply}>
                {counts.map((count) => (
                  <option>{count}</option>
                ))}
              </select>
            </label>
            <label>
              {search.within}{" "}
              <input name="in" defaultValue={chosen.within} placeholder={search.withinHint} autocomplete="off" />
            </label>
            <label>
              <input name="x" type="checkbox" checked={chosen.explain} onChange={apply} /> {search.explain}
            </label>
            {chosen.explain && (
              <label>
                {search.why}{" "}
                <input name="why" defaultValue={chosen.why} placeholder={search.whyHint} autocomplete="off" />
              </label>
            )}
          </div>
        </form>
      </search>
      {busy ? (
        <Waiting task={task} text={texts.waiting} />
      ) : (
        <p class="status" role="status">
          {value && search.found(value.results.length, Math.max(1, Math.round(value.took_ms)))}
        </p>
      )}
      {failure && <Fault failure={failure} again={task.again} />}
      {value && <Results {...value} />}
    </>
  );
}

function Results({ results, explanation }: QueryAnswer) {
  return (
    <>
      {explanation?.document && <Verdict document={explanation.document} />}
      <ol class="hits">
        {results.map((passage, at) => {
          const own = explanation?.results[at];
          return (
            <Hit passage={passage} number={at + 1} share={shareOf(results.length)}>
              {own && <Why own={own} fused={explanation?.fusion && { rank: at + 1, score: passage.score }} />}
            </Hit>
          );
        })}
      </ol>
      {explanation && <Whole {...explanation} />}
    </>
  );
}

function Why({ own, fused }: { own: Explanation["results"][number]; fused: Standing | undefined }) {
  const heaviest = Math.max(...(own.words ?? []).map(({ weight }) => weight), 0);
  const rows = { ...(fused && { fused }), ...own.rankings };
  return (
    <details class="why">
      <summary>{search.ranks}</summary>
      <table>
        <thead>
          <tr>
            <th scope="col">{search.ranking}</th>
            <th scope="col">{search.rank}</th>
            <th scope="col">{search.score}</th>
          </tr>
        </thead>
        <tbody>
          {(["fused", "vector", "keyword"] as const).map((name) => {
            const standing = rows[name];
            if (name === "fused" && standing === undefined) return null;
            return (
              <tr>
                <th scope="row">{search.rankings[name]}</th>
                {standing === undefined ? <td colSpan={2}>{search.none}</td> : <td>{standing.rank}</td>}
                {standing && <td>{score(standing.score)}</td>}
              </tr>
            );
          })}
        </tbody>
      </table>
      {own.words?.length === 0 && <p class="quiet">{search.noWords}</p>}
      {own.words !== undefined && own.words.length > 0 && (
        <table>
          <caption>{search.words}</caption>
          <tbody>
            {own.words.map(({ word, weight }) => (
              <tr>
                <th scope="row">{word}</th>
                <td>
                  <meter value={weight} max={heaviest} aria-label={`${search.weight}: ${word}`} />
                </td>
                <td>{score(weight)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </details>
  );
}

function Whole({ words, fusion, turned_away: turnedAway }: Explanation) {
  return (
    <details class="why whole">
      <summary>{search.query}</summary>
      {fusion && <p>{search.fusion(fusion.vector, fusion.keyword, fusion.unfamiliar)}</p>}
      {words && (
        <ul class="words">
          {words.map(({ word, terms }) => (
            <li>
              <strong>{word}</strong>{" "}
              {terms.length === 0 ? (
                <span class="quiet">{search.passedOver}</span>
              ) : (
                `${search.lookedForAs} ${terms.slice(0, 6).join(", ")}${terms.length > 6 ? ", …" : ""}`
              )}
            </li>
          ))}
        </ul>
      )}
      <p>{turnedAway.length === 0 ? search.nothingTurnedAway : search.turnedAway}</p>
      <ul>
        {turnedAway.map(({ uri, reason, passages }) => (
          <li>
            {decoded(uri)}: {passages}, {search.reasons[reason]}
          </li>
        ))}
      </ul>
    </details>
  );
}

function Verdict({ document }: { document: NonNullable<Explanation["document"]> }) {
  return (
    <section class="card verdict" aria-label={search.why}>
      <h2>{search.why}</h2>
      <p>
        <strong>{document.verdict.replace("_", " ")}</strong>: {document.reason}
      </p>
      {document.best && (
        <p>
          <a href={documentAt({ uri: document.uri, ordinal: document.best.ordinal })}>{search.open}</a>
        </p>
      )}
      <cite>{decoded(document.uri)}</cite>
    </section>
  );
}
