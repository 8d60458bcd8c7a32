"""The ledger against what the scripted API served: request by request, then per model and agent."""
import collections
import json

# Counts as `api_requests` and the API call them.
COUNTS = ("input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
CUT = 8
# In this scenario streams are cut and the client is killed: what it had no time to tell is in its transcripts.
CUT_SHORT = {"interrupted"}


def served(path):
    """Every answered request by its id; errors cost nothing and are no requests of the ledger."""
    with open(path) as fh:
        rows = [json.loads(line) for line in fh]
    return {row["request_id"]: row for row in rows if "usage" in row}


def stored(database):
    return {row["request_id"]: row for row in database.execute("SELECT * FROM api_requests")}


def compare(name, served_rows, stored_rows, told):
    """What differs; `told` is how many requests telemetry had brought before the transcripts were read."""
    wrong = []
    if name not in CUT_SHORT and told != len(served_rows):
        wrong.append("telemetry told of %d of %d requests" % (told, len(served_rows)))
    for request_id in stored_rows.keys() - served_rows.keys():
        wrong.append("never served: request %s" % request_id)
    for request_id, request in served_rows.items():
        row = stored_rows.get(request_id)
        if row is None:
            wrong.append("not in the ledger: request %s of %s" % (request_id, request["model"]))
            continue
        cut = bool(row["flags"] & CUT)
        if cut and name not in CUT_SHORT:
            wrong.append("request %s is no lower bound" % request_id)
        for count in COUNTS:
            found, expected = row[count], request["usage"][count]
            if found != expected and not (cut and count == "output_tokens" and found < expected):
                wrong.append("request %s has %d %s, not %d" % (request_id, found, count, expected))
        for column in ("model", "agent_id", "session_id"):
            if row[column] != request[column]:
                wrong.append("request %s has %s %r, not %r" % (request_id, column, row[column], request[column]))
        if (row["agent_id"] is None) != (row["agent_type"] is None):
            wrong.append("request %s is of agent %r and type %r" % (request_id, row["agent_id"], row["agent_type"]))
        if row["cost_nano_usd"] is None:
            wrong.append("request %s has no cost" % request_id)
        if row["message_id"] not in (None, request["message_id"]):
            wrong.append("request %s has response %s" % (request_id, row["message_id"]))
    return wrong + compare_sums(served_rows.values(), stored_rows, stored_rows.values())


def compare_sums(served_rows, by_id, stored_rows):
    def sums(rows, usage, of_cut):
        total = collections.Counter()
        for row in rows:
            if not of_cut(row):
                for count in COUNTS:
                    total[row["model"], row["agent_id"], count] += usage(row)[count]
        return total

    def is_cut(row):
        return row["request_id"] in by_id and by_id[row["request_id"]]["flags"] & CUT

    expected = sums(served_rows, lambda row: row["usage"], is_cut)
    found = sums(stored_rows, lambda row: row, is_cut)
    keys = sorted(expected.keys() | found.keys(), key=str)
    return ["%s of agent %s: %d %s, not %d" % (key[0], key[1], found[key], key[2], expected[key])
            for key in keys if found[key] != expected[key]]
