// @ts-check
/** What kind of work a tool does; the colour on the timeline. Pure. */

/** @typedef {"read"|"edit"|"command"|"web"|"agent"|"mcp"|"other"} Kind */

const KINDS = /** @type {Record<string, Kind>} */ ({
  Read: "read", Glob: "read", Grep: "read", LS: "read", NotebookRead: "read", LSP: "read", ToolSearch: "read",
  Edit: "edit", Write: "edit", MultiEdit: "edit", NotebookEdit: "edit",
  Bash: "command", BashOutput: "command", KillShell: "command", KillBash: "command", PowerShell: "command", Monitor: "command",
  WebFetch: "web", WebSearch: "web",
  Agent: "agent", Task: "agent", TaskOutput: "agent", TaskStop: "agent", SendMessage: "agent",
});

/** @param {string} tool @returns {Kind} */
export function toolKind(tool) {
  if (Object.hasOwn(KINDS, tool)) return /** @type {Kind} */ (KINDS[tool]);
  return tool.startsWith("mcp__") ? "mcp" : "other";
}

export const KIND_WORDS = /** @type {[Kind, string][]} */ ([["read", "Read"], ["edit", "Edit"], ["command", "Command"], ["web", "Web"], ["agent", "Agent"], ["mcp", "MCP"], ["other", "Other"]]);

const MARKS = /** @type {Record<string, string>} */ ({
  prompt: "Prompt", task_notification: "Agent reported back", stop: "Turn finished", stop_failure: "Turn failed", session_start: "Session started",
  session_end: "Session ended", compact: "Compacted", model_switch: "Model switched", notification: "Notification",
});

/** @param {string} kind */
export const markWord = (kind) => (Object.hasOwn(MARKS, kind) ? /** @type {string} */ (MARKS[kind]) : kind);
