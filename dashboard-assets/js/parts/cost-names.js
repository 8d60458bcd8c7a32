// @ts-check
/** Names for what costs know by id only: sessions and prompts. */
import { read, latest } from "../api.js";
import { sessionName } from "../derive.js";
import { clean } from "../text.js";
import { sessionPath } from "../url.js";
import { href } from "../router.js";

/** Sessions whose names are fetched: the newest. */
const MOST = 200;

/** @param {() => void} onchange */
export function costNames(onchange) {
  /** @type {Map<string, string>} */
  let sessions = new Map();
  /** @type {Map<string, string>} */
  const prompts = new Map();
  let of = "";
  const unnamed = () => {
    // Without names ids stand there: imported sessions have no name either.
  };
  const list = latest((/** @type {import("../types.js").SessionList} */ answer) => {
    sessions = new Map([...sessions, ...answer.items.map((row) => /** @type {[string, string]} */ ([row.session_id, sessionName(row)]))]);
    onchange();
  }, unnamed);
  const detail = latest((/** @type {import("../types.js").SessionDetail|null} */ answer) => {
    if (!answer) return;
    sessions.set(answer.session.session_id, sessionName(answer.session));
    for (const mark of answer.marks) if (mark.kind === "prompt" && mark.prompt_id !== null) prompts.set(mark.prompt_id, clean(mark.text));
    onchange();
  }, unnamed);
  let had = false;
  return {
    known: () => ({ sessions, prompts }),
    /** @param {boolean} all whether many sessions are shown @param {string|undefined} session the one that is shown alone */
    ask(all, session) {
      if (all && !had) void list.run((signal) => read("sessions", { limit: MOST }, signal));
      had ||= all;
      // A session that hooks never saw is not there: asked once, and its id is its name.
      if (session && of !== session) {
        void detail.run(async (signal) => {
          const found = /** @type {import("../types.js").SessionList} */ (await read("sessions", { q: session, limit: 1 }, signal));
          return found.items[0]?.session_id === session ? read(`sessions/${encodeURIComponent(session)}`, {}, signal) : null;
        });
      }
      of = session ?? "";
    },
    stop() {
      list.stop();
      detail.stop();
    },
  };
}

/**
 * The page of a session: its timeline where hooks saw it, else its costs.
 * @param {string} id
 * @param {boolean} seen
 */
export const sessionPage = (id, seen) => (seen ? href(sessionPath(id)) : href("/costs", { project: null, session: id, group: "prompt", period: "all" }));
