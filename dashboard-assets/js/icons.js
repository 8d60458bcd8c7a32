// @ts-check
/** The icons, as paths on a 16 px grid. */

const PATHS = {
  brand: "M2 5h12M2 8.5h5M9.5 8.5H14M2 12h7M11.5 12H14",
  overview: "M2.5 2.5h4.5v5h-4.5zM9 2.5h4.5v3H9zM9 8h4.5v5.5H9zM2.5 10h4.5v3.5h-4.5z",
  activity: "M1.5 8.5h3l2-5.5 3 10 2-4.5h3",
  sessions: "M2.5 4h11M2.5 8h11M2.5 12h7",
  costs: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM9.900 6.100C9.600 5.500 8.900 5.200 8 5.200c-1.100 0-1.900.5-1.900 1.400 0 1.900 3.900.9 3.900 2.900 0 .9-.9 1.400-2 1.400-.9 0-1.700-.4-1.900-1.100M8 4v1.200M8 10.900v1.200",
  local: "M4.5 4.5h7v7h-7zM6.5 2v2.500M9.500 2v2.500M6.500 11.500V14M9.500 11.500V14M2 6.500h2.500M2 9.500h2.500M11.500 6.500H14M11.500 9.500H14",
  routing: "M2.500 8h3.500M6 8C8 8 8 3.500 10.500 3.500H13M6 8c2 0 2 4.500 4.500 4.500H13M11.500 2 13 3.500 11.500 5M11.500 11 13 12.500 11.500 14",
  more: "M3.500 8h.01M8 8h.01M12.500 8h.01",
  system: "M2.5 3h11v4h-11zM2.5 9h11v4h-11zM5 5h.01M5 11h.01",
  search: "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10zM10.600 10.600 14 14",
  check: "M3 8.5 6.5 12 13 4.5",
  wait: "M5.5 3v10M10.5 3v10",
  ask: "M6 6a2 2 0 1 1 2.800 1.800c-.6.3-.8.7-.8 1.400M8 11.800h.01",
  cross: "M4 4l8 8M12 4l-8 8",
  warn: "M8 2.5 14.5 13.5h-13zM8 6.5v3.5M8 11.800h.01",
  gone: "M3 8h10",
  disc: "M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6z",
  ring: "M8 13A5 5 0 1 0 8 3a5 5 0 0 0 0 10z",
  square: "M4 4h8v8H4z",
  diamond: "M8 2.5 13.5 8 8 13.5 2.5 8z",
  right: "M6 3.5 10.5 8 6 12.5",
  left: "M10 3.5 5.5 8 10 12.5",
  up: "M8 13V3M4 7l4-4 4 4",
  down: "M8 3v10M4 9l4 4 4-4",
  same: "M3 6h10M3 10h10",
  pin: "M5.5 2h5l-.5 4.5 2.5 2.5h-9L6 6.5zM8 9v5",
  edit: "M3 13l.5-3L11 2.5 13.5 5 6 12.5z",
  copy: "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
  save: "M8 2v8M4.5 7 8 10.5 11.5 7M2.5 13.5h11",
  table: "M2 3h12v10H2zM2 6.5h12M2 10h12M7 6.5V13",
  prompt: "M3 4.5 6.5 8 3 11.5M8.5 12H13",
  start: "M4.5 3v10l8-5z",
  tool: "M13.5 4.5 11 7 9 5l2.5-2.5A3.5 3.5 0 0 0 7 7L2.5 11.5l2 2L9 9a3.5 3.5 0 0 0 4.5-4.5z",
  agent: "M8 7.5A2.5 2.5 0 1 0 8 2.5a2.5 2.5 0 0 0 0 5zM3 13.5c.5-3 2.300-4 5-4s4.5 1 5 4",
  bell: "M4 11V7.5a4 4 0 0 1 8 0V11l1 1H3zM7 14h2",
  swap: "M3 5.5h9L9.5 3M13 10.5H4L6.5 13",
  fold: "M8 2v4M5.5 4 8 6.5 10.5 4M8 14v-4M5.5 12 8 9.5 10.5 12M2 8h12",
  fit: "M2.5 6v-3.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10",
  plus: "M8 3v10M3 8h10",
};

/** @typedef {keyof typeof PATHS} IconName */

/**
 * @param {IconName} name
 * @returns {SVGSVGElement}
 */
export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

/** @type {Record<string, IconName>} */
const OF_STATE = { working: "start", running: "start", open: "start", waiting: "wait", denied: "wait", idle: "ring", ended: "square", completed: "check", ok: "check", failed: "cross", lost: "gone", interrupted: "gone" };

/** @param {string} state @returns {IconName} */
export const stateIcon = (state) => (Object.hasOwn(OF_STATE, state) ? /** @type {IconName} */ (OF_STATE[state]) : "ask");

/** @type {Record<string, IconName>} */
const OF_EVENT = {
  SessionStart: "start", SessionEnd: "square", UserPromptSubmit: "prompt", PreToolUse: "tool", PostToolUse: "check", PostToolUseFailure: "cross",
  PermissionRequest: "wait", PermissionDenied: "cross", SubagentStart: "agent", SubagentStop: "agent", Stop: "check", StopFailure: "cross",
  Notification: "bell", PreCompact: "fold", PostCompact: "fold", PostModelSwitch: "swap",
};

/** @param {string} name @returns {IconName} */
export const eventIcon = (name) => (Object.hasOwn(OF_EVENT, name) ? /** @type {IconName} */ (OF_EVENT[name]) : "disc");
