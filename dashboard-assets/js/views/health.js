// @ts-check
/** From the System figures to sentences: good, warn or fail, and what to do. Pure. */
import { balanced } from "../derive.js";
import { bytes, countText, joined, latency, plural } from "../format.js";

/** @typedef {{level: "good"|"warn"|"fail", name: string, text: string}} Finding */

const MB = 1e6;

/**
 * @param {import("../types.js").SystemView} view
 * @returns {Finding[]}
 */
export function findings(view) {
  const { database, counters, spool, process } = view;
  const hook = view.latencies.find((item) => item.metric === "hook_latency");
  return [
    view.paused
      ? { level: "warn", name: "Recording", text: "Paused: events are counted as dropped. Run `orchd resume`." }
      : { level: "good", name: "Recording", text: `On. ${plural(counters.stored, "event")} stored.` },
    hook && hook.p95_us !== null && hook.p95_us > 50_000
      ? { level: "warn", name: "Hook", text: `Slow: 1 call in 20 takes ${joined(latency(hook.p95_us))} or more. Run \`orchd doctor\`.` }
      : { level: "good", name: "Hook", text: !hook || hook.p95_us === null ? "No call in the last 24 hours." : `Half of all calls are back within ${joined(latency(hook.p50_us))}, 19 of 20 within ${joined(latency(hook.p95_us))}.` },
    balanced(counters)
      ? { level: counters.dropped > 0 ? "warn" : "good", name: "Books", text: counters.dropped > 0 ? `Balanced; ${plural(counters.dropped, "event")} dropped (recording paused, project excluded, or spool full).` : "Balanced: every event received is accounted for." }
      : { level: "fail", name: "Books", text: "Do not balance. This is a fault of ours: please report it with `orchd doctor --json`." },
    spool.pending > 0
      ? { level: "warn", name: "Spool", text: `${plural(spool.pending, "event")} wait on disk; the daemon takes them within seconds. If the number stays, run \`orchd doctor\`.` }
      : { level: "good", name: "Spool", text: "Empty: every hook reached the daemon." },
    history(view.import),
    disk(database),
    process.queue_depth > 2000
      ? { level: "warn", name: "Writer", text: `${countText(process.queue_depth)} events queue for the writer: the disk is slow or busy.` }
      : { level: "good", name: "Writer", text: process.queue_depth === 0 ? "Nothing queued." : `${plural(process.queue_depth, "event")} queued.` },
  ];
}

/**
 * How far reading the client's transcripts is, on which the costs rest.
 * @param {import("../types.js").ImportStatus} item
 * @returns {Finding}
 */
export function history({ state, percent, bytes: all, requests, unread, skipped_lines: skipped, error, roots, following, reason }) {
  const name = "History";
  if (state === "failed") return { level: "warn", name, text: `Reading transcripts failed: ${error ?? "the log says why"}. Run \`orchd import\`.` };
  const lines = `${plural(skipped, "line")} of transcripts could not be read and count in no cost. \`orchd import\` names their files.`;
  if (state === "running") return { level: "good", name, text: `Reading ${joined(bytes(all))} of transcripts in the background: ${percent} %, ${plural(requests, "request")} so far.` };
  if (skipped > 0 && unread === 0) return { level: "warn", name, text: lines };
  if (following === "off") return { level: "good", name, text: "Transcripts are not followed, as `ledger.transcripts` says." };
  if (roots.length === 0) return { level: "good", name, text: "No transcripts yet." };
  if (following === "polling") return { level: "warn", name, text: `Transcripts are polled, so costs come seconds late: ${reason ?? "the system does not tell of changes"}.` };
  if (unread > 0) return { level: "warn", name, text: `Transcripts are read as they are written, but for ${plural(unread, "file")}. \`orchd import\` names them.` };
  return { level: "good", name, text: "Transcripts are read as they are written." };
}

/** @param {import("../types.js").SystemView["database"]} database @returns {Finding} */
function disk({ disk_free_bytes: free, growth_bytes_per_day: growth, size_bytes: size }) {
  const has = `The database takes ${joined(bytes(size))}`;
  if (free !== null && free < 500 * MB) return { level: "fail", name: "Disk", text: `Only ${joined(bytes(free))} left on the disk of the database. Make room, or set \`retention.body_days\`.` };
  if (growth === null || free === null || growth === 0) return { level: "good", name: "Disk", text: `${has}. Growth is known after a day.` };
  const years = free / growth / 365;
  const lasts = years > 20 ? "for more than 20 years" : years >= 2 ? `for ${Math.floor(years)} years` : `for ${plural(Math.floor(free / growth), "day")}`;
  return { level: years < 0.1 ? "warn" : "good", name: "Disk", text: `${has} and grows by ${joined(bytes(growth))} a day; the free space lasts ${lasts}.` };
}
