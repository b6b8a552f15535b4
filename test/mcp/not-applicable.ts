/** The revisions that are served: the present one, which has no handshake, and the one before. */
export const revisions = ["2025-11-25", "2026-07-28"] as const;
export type Revision = (typeof revisions)[number];

const fixture = "calls a tool or reads a resource that only a server written for the suite has";
const prompts = "there are no prompts";
const asksBack = "no tool asks its caller for anything back: they only read";
const sessions = "there are no sessions: each call is whole, and there is nothing to resume";
const extension = "an extension that is not offered";

/**
 * Scenarios of the protocol's own suite that say nothing of this server, each with its reason. All others must pass. The suite is asked for what
 * there is, so that a scenario that comes or goes is seen.
 */
export const notApplicable: Readonly<Record<string, string>> = {
  "completion-complete": "there are no prompts, and a document's URI is found by search, not completed",
  "logging-set-level": "nothing is logged to the assistant",
  "tools-call-simple-text": fixture,
  "tools-call-image": fixture,
  "tools-call-audio": fixture,
  "tools-call-embedded-resource": fixture,
  "tools-call-mixed-content": fixture,
  "tools-call-with-logging": fixture,
  "tools-call-error": fixture,
  "tools-call-with-progress": fixture,
  "json-schema-2020-12": fixture,
  "resources-read-text": fixture,
  "resources-read-binary": fixture,
  "resources-templates-read": fixture,
  "resources-subscribe": "resources cannot be subscribed to",
  "resources-unsubscribe": "resources cannot be subscribed to",
  "prompts-list": prompts,
  "prompts-get-simple": prompts,
  "prompts-get-with-args": prompts,
  "prompts-get-embedded-resource": prompts,
  "prompts-get-with-image": prompts,
  "tools-call-sampling": asksBack,
  "tools-call-elicitation": asksBack,
  "elicitation-sep1034-defaults": asksBack,
  "elicitation-sep1330-enums": asksBack,
  "input-required-result-basic-elicitation": asksBack,
  "input-required-result-basic-sampling": asksBack,
  "input-required-result-basic-list-roots": asksBack,
  "input-required-result-request-state": asksBack,
  "input-required-result-multiple-input-requests": asksBack,
  "input-required-result-multi-round": asksBack,
  "input-required-result-missing-input-response": asksBack,
  "input-required-result-non-tool-request": asksBack,
  "input-required-result-result-type": asksBack,
  "input-required-result-unsupported-methods": asksBack,
  "input-required-result-tampered-state": asksBack,
  "input-required-result-capability-check": asksBack,
  "input-required-result-ignore-extra-params": asksBack,
  "input-required-result-validate-input": asksBack,
  "server-session-lifecycle": sessions,
  "server-sse-polling": sessions,
  "server-sse-multiple-streams": sessions,
  "http-custom-header-server-validation": "no tool takes a parameter from a header",
  "sep-2640-skills-directory": extension,
  "sep-2640-skills-enumeration": extension,
  "sep-2640-skills-manifest": extension,
  "tasks-lifecycle": extension,
  "tasks-capability-negotiation": extension,
  "tasks-wire-fields": extension,
  "tasks-request-state-removal": extension,
  "tasks-mrtr-input": extension,
  "tasks-request-headers": extension,
  "tasks-dispatch-and-envelope": extension,
  "tasks-status-notifications": extension,
  "tasks-required-task-error": extension,
  "tasks-mrtr-composition": extension,
};

/** Single checks of scenarios that do apply. */
export const checksNotApplicable: Readonly<Record<string, string>> = {
  "sep-2575-server-rejects-undeclared-capability": fixture,
  "sep-2575-missing-capability-http-400": fixture,
  "sep-2575-http-server-no-independent-requests-on-stream": fixture,
  "sep-2575-server-no-log-without-loglevel": fixture,
  "sep-2549-prompts-list-caching-hints": prompts,
};

/** Scenarios about HTTP itself, which a pipe does not have. */
export const ofHttpAlone: readonly string[] = [
  "dns-rebinding-protection",
  "http-header-validation",
  "server-stateless",
];
