//! The command line, as clap reads it. Long because every command stands here in the order of `--help`, a few lines each.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::delegate::Delegate;

/// The daemon of AI Orchestration Analytics and the command to steer it.
#[derive(Debug, Parser)]
#[command(
    name = "orchd",
    version,
    about = "See what your Claude Code sessions do: a small local daemon and a live dashboard.",
    after_help = "Examples:\n  orchd up            install everything and open the dashboard\n  orchd demo          look around with recorded sessions, nothing installed\n  orchd status        is it running, and what has it recorded\n  orchd doctor        what is wrong, and how to fix it\n  orchd down          take everything out again; data stays\n\nExit codes: 0 ok, 64 usage, 69 not running, 70 internal, 73 cannot create, 75 try again, 77 no permission, 78 configuration.",
    arg_required_else_help = true,
    propagate_version = false
)]
pub(crate) struct Cli {
    /// Keep everything under this folder (also: ORCH_HOME)
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) home: Option<PathBuf>,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Install the hooks, start the daemon, open the dashboard
    #[command(
        after_help = "Examples:\n  orchd up\n  orchd up --profile light --no-open\n  orchd up --yes                  let Claude hand work to the local model\n\nRunning it again repairs or upgrades. Undo: orchd down"
    )]
    Up(Up),
    /// Remove hooks, service and programs; data only with --purge
    #[command(after_help = "Examples:\n  orchd down\n  orchd down --purge --yes")]
    Down(Down),
    /// Run the daemon in the foreground
    #[command(after_help = "Examples:\n  orchd run\n  orchd run --port 0 --assets-dir dashboard-assets")]
    Run(Run),
    /// Start the daemon in the background and wait until it is ready
    #[command(
        after_help = "Starting a running daemon is a success. Where the user's systemd answers, a user unit is used."
    )]
    Start,
    /// Stop the daemon; hooks keep events until it is back
    Stop,
    /// Stop and start
    Restart,
    /// Show what the daemon is doing
    #[command(
        after_help = "Examples:\n  orchd status\n  orchd status --json | jq .counters\n\nExit code 69 when it is not running."
    )]
    Status(Read),
    /// Open the dashboard, logged in
    #[command(
        after_help = "Examples:\n  orchd dashboard\n  orchd dashboard --print    only the address; it works once, for a minute"
    )]
    Dashboard(Dashboard),
    /// Check everything and say how to fix it
    #[command(after_help = "Exit code 1 when a check fails; warnings do not count.")]
    Doctor(Read),
    /// Show the daemon's log
    #[command(
        after_help = "Examples:\n  orchd logs -n 200\n  orchd logs --follow\n  orchd logs --json | jq 'select(.level == \"ERROR\")'"
    )]
    Logs(Logs),
    /// Stop recording until resumed
    Pause,
    /// Record again
    Resume,
    /// Show where everything lies
    #[command(
        after_help = "Examples:\n  orchd paths\n  curl -H \"Authorization: Bearer $(cat \"$(orchd paths --json | jq -r .token_file)\")\" http://127.0.0.1:6724/api/v1/overview"
    )]
    Paths(Read),
    /// Show the settings
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// Read Claude Code's transcripts into the ledger
    Import(Import),
    /// Show what was spent, by day, week, month, session, project, model or agent
    #[command(
        after_help = "Examples:\n  orchd report daily --since 2026-11-01\n  orchd report model --json | jq .total.cost_usd\n  orchd report daily --since 2026-11-22 --until 2026-11-22 --explain\n\nCosts are API-equivalent: what the requests would cost at list prices. A `?` marks what has no known price."
    )]
    Report(Report),
    /// Write requests, sessions, events or daily costs as CSV, JSON lines or Parquet
    #[command(
        after_help = "Examples:\n  orchd export csv --since 2026-11-01 -o november.csv\n  orchd export jsonl events --bodies --session 0199aaaa-0000-7000-8000-000000000001 | jq .body\n  orchd export parquet -o requests.parquet\n\nCSV has times of the zone and US dollars; JSON lines have the names of the API, times in microseconds UTC. What is not known is empty or null."
    )]
    Export(Export),
    /// Show the prices of models and where the tables disagree
    Prices {
        #[command(subcommand)]
        command: PricesCommand,
    },
    /// Train the router's heads and judge them on labelled tasks
    Router {
        #[command(subcommand)]
        command: RouterCommand,
    },
    /// Say how a task came out, or whether its recommended route was right
    #[command(
        after_help = "Examples:\n  orchd feedback last good\n  orchd feedback 0199aaaa bad\n  orchd feedback agent:toolu_01 bad --about route\n\nThe router learns from it (orchd router refit). TASK is an id of a task, the start of one, or `last`: the newest that is over."
    )]
    Feedback(Feedback),
    /// Have the local model do a task
    #[command(
        after_help = "Examples:\n  orchd delegate \"Explain this function.\" --file src/lib.rs\n  git diff | orchd delegate - --system \"Write a commit message for this diff.\"\n  orchd delegate --json-schema answer.schema.json --fallback claude < task.txt\n\nThe answer goes to standard output as it comes, the model's reasoning nowhere unless asked for. The server is the first of [local] in config.toml that is available, with its token and model; ORCH_LOCAL_URL and ORCH_LOCAL_TOKEN name another. Ctrl-C stops the server too.\n\nExit codes: 0 answered, 64 a wrong command line, file or schema, 73 or 77 the answer cannot be written, 75 no answer from the local model and no fallback, or one that failed too, 78 wrong settings, 130 ended by Ctrl-C, 143 by SIGTERM."
    )]
    Delegate(Box<Delegate>),
    /// Serve the local model as tools to Claude Code, over standard input (Claude Code starts it)
    #[command(
        after_help = "Register it: orch-hook install --mcp\nTools: delegate_task, route_task, local_status, usage_summary. Only files of the project are read, none that hold secrets by name."
    )]
    Mcp,
    /// Fill a separate dashboard with recorded sessions and keep it live
    #[command(
        after_help = "Examples:\n  orchd demo\n  orchd demo --no-open --keep\n\nCtrl-C ends it and removes its data. Your own data is not touched."
    )]
    Demo(Demo),
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Show every setting, its value and where it came from
    Show(Read),
}

#[derive(Debug, Args)]
pub(crate) struct Import {
    /// The folder of Claude Code that holds `projects` [default: CLAUDE_CONFIG_DIR, else ~/.claude and ~/.config/claude]
    #[arg(long, value_name = "CLAUDE_DIR")]
    pub(crate) from: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Report {
    /// What each row is
    #[arg(value_enum, default_value_t = ReportBy::Daily)]
    pub(crate) by: ReportBy,
    #[command(flatten)]
    pub(crate) of: Selection,
    /// List the requests behind it, one by one
    #[arg(long)]
    pub(crate) explain: bool,
    /// Print JSON
    #[arg(long, conflicts_with = "csv")]
    pub(crate) json: bool,
    /// Print comma-separated values
    #[arg(long)]
    pub(crate) csv: bool,
}

/// Which rows are meant.
#[derive(Debug, Args)]
pub(crate) struct Selection {
    /// First day, such as 2026-11-01
    #[arg(long, value_name = "DAY")]
    pub(crate) since: Option<String>,
    /// Last day
    #[arg(long, value_name = "DAY")]
    pub(crate) until: Option<String>,
    /// The zone that days are cut in, such as Europe/Berlin [default: display.timezone of the settings]
    #[arg(long, value_name = "ZONE")]
    pub(crate) timezone: Option<String>,
    /// Only this project's directory
    #[arg(long, value_name = "DIR")]
    pub(crate) project: Option<String>,
    /// Only this model
    #[arg(long, value_name = "MODEL")]
    pub(crate) model: Option<String>,
    /// Only this type of agent; `main` is the main thread
    #[arg(long, value_name = "AGENT")]
    pub(crate) agent: Option<String>,
    /// Only this session
    #[arg(long, value_name = "ID")]
    pub(crate) session: Option<String>,
}

/// What a report sums by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportBy {
    /// Days
    Daily,
    /// Weeks, which begin on Monday
    Weekly,
    /// Months
    Monthly,
    /// Sessions
    Session,
    /// Projects
    Project,
    /// Models
    Model,
    /// Types of agents; `main` is the main thread, `unknown agent` one whose type nobody tells
    Agent,
}

#[derive(Debug, Args)]
pub(crate) struct Export {
    /// How the rows are written
    #[arg(value_enum)]
    pub(crate) format: ExportFormat,
    /// Which rows
    #[arg(value_enum, default_value_t = ExportTable::Requests)]
    pub(crate) table: ExportTable,
    #[command(flatten)]
    pub(crate) of: Selection,
    /// Events with their redacted payloads, in jsonl
    #[arg(long)]
    pub(crate) bodies: bool,
    /// Write into this file, whole or not at all [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Replace the file if it is there
    #[arg(long, requires = "output")]
    pub(crate) force: bool,
}

/// How an export is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    /// Comma-separated values for spreadsheets
    Csv,
    /// One object of JSON a line
    Jsonl,
    /// Typed columns for pandas, DuckDB and their like
    Parquet,
}

/// What is exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportTable {
    /// Requests to the API, the newest first
    Requests,
    /// Sessions, with all that they used and cost
    Sessions,
    /// Events that the hook saw, the oldest first
    Events,
    /// Sums by day
    Costs,
}

#[derive(Debug, Args)]
pub(crate) struct Feedback {
    /// The task: an id, the start of one, or `last`
    pub(crate) task: String,
    /// How it is
    #[arg(value_enum)]
    pub(crate) verdict: Verdict,
    /// What is said: how the task came out, or whether the recommended route was right
    #[arg(long, value_enum, default_value = "result")]
    pub(crate) about: About,
    /// Print the task as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Verdict {
    /// As wanted
    Good,
    /// Not as wanted
    Bad,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum About {
    /// How the task came out
    Result,
    /// Whether the recommended route was right
    Route,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RouterCommand {
    /// Fit all heads and write the weights that a build embeds
    #[command(
        after_help = "Example:\n  orchd router train --data DIR --out shared/src/classify/weights.bin\n\nThe files are gzip JSON lines named like route_train.jsonl.gz. The same rows and seed give the same bytes."
    )]
    Train(RouterTrain),
    /// Print every figure with its interval beside keyword, length, random, oracle and majority
    #[command(
        after_help = "Examples:\n  orchd router eval --data route_test.jsonl.gz\n  orchd router eval --data *_test.jsonl.gz --json | jq .pooled.apgr"
    )]
    Eval(RouterEval),
    /// Fit to your own outcomes with a local model
    #[command(
        after_help = "Examples:\n  orchd router refit --dry-run\n  orchd router refit --rollback\n\nA fit is a slope, an intercept and, with 200 outcomes, offsets of projects. It is taken when it does no worse than what is in force on outcomes that it was not fitted to; the one before is kept. Outcomes come from `orchd feedback` and from tasks whose end tells.\n\nExit codes: 0 done, 75 not: too few outcomes, refused, or nothing to go back from."
    )]
    Refit(RouterRefit),
    /// Show the fit in force and what came of recommendations so far
    Status(RouterStatus),
}

#[derive(Debug, Args)]
pub(crate) struct RouterRefit {
    /// The local model [default: the one that counts now]
    #[arg(long, value_name = "NAME")]
    pub(crate) model: Option<String>,
    /// Go back to the fit before
    #[arg(long, conflicts_with = "dry_run")]
    pub(crate) rollback: bool,
    /// Only say what would come of it
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RouterStatus {
    /// The local model [default: the one that counts now]
    #[arg(long, value_name = "NAME")]
    pub(crate) model: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RouterTrain {
    /// The directory of the labelled tasks
    #[arg(long, value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// Of what is random
    #[arg(long, value_name = "N", default_value_t = 7)]
    pub(crate) seed: u64,
    /// Where the weights go
    #[arg(long, value_name = "FILE", default_value = "weights.bin")]
    pub(crate) out: PathBuf,
    /// Which files, by the end of their names
    #[arg(long, value_name = "NAMES", value_delimiter = ',', default_value = "train,val")]
    pub(crate) splits: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct RouterEval {
    /// Files of labelled tasks: JSON lines, plain or with gzip
    #[arg(long, value_name = "FILE", num_args = 1.., required = true)]
    pub(crate) data: Vec<PathBuf>,
    /// Weights to judge instead of this build's
    #[arg(long, value_name = "FILE")]
    pub(crate) weights: Option<PathBuf>,
    /// Of what is random
    #[arg(long, value_name = "N", default_value_t = 7)]
    pub(crate) seed: u64,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PricesCommand {
    /// Show every price, in US dollars per million tokens
    #[command(
        after_help = "Examples:\n  orchd prices list\n  orchd prices list haiku --json\n\nPrices of your own stand above these. In prices.toml beside config.toml (orchd paths):\n  [[model]]\n  id = \"my-model\"           # as the client or gateway names it\n  input = 1.0                 # US dollars per million tokens\n  output = 4.0\n  cache_read = 0.1            # unknown where it is left out\n  cache_write_5m = 1.25\n  cache_write_1h = 2.0\n  # prompt_over = 100000      # a second row: for requests with a longer prompt\n  # fast_factor = 2.0\n  # web_search_per_1000 = 10.0\n  # effective_from = \"2026-10-07\"  effective_until = \"2026-12-01\"\nThen `orchd import` prices what was recorded without a price."
    )]
    List {
        /// Only models whose name holds this
        model: Option<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show where the tables of prices disagree today
    Check {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Read {
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Run {
    /// Port of the dashboard on 127.0.0.1; 0 takes a free one
    #[arg(long, value_name = "N")]
    pub(crate) port: Option<u16>,
    /// Serve the dashboard's files from this folder instead of the built-in ones
    #[arg(long, value_name = "DIR")]
    pub(crate) assets_dir: Option<PathBuf>,
    /// Leave the terminal's session; `start` uses it
    #[arg(long, hide = true)]
    pub(crate) detached: bool,
    /// Do not follow the client's transcripts, whatever the settings say; `demo` uses it
    #[arg(long, hide = true)]
    pub(crate) no_transcripts: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Logs {
    /// Keep printing new lines
    #[arg(long, short)]
    pub(crate) follow: bool,
    /// How many of the newest lines to print
    #[arg(short = 'n', long = "lines", value_name = "N", default_value_t = 50)]
    pub(crate) lines: usize,
    /// Print the JSON lines as they are
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Dashboard {
    /// Open a browser even when no display is seen
    #[arg(long, conflicts_with = "print")]
    pub(crate) open: bool,
    /// Only print the address
    #[arg(long)]
    pub(crate) print: bool,
}

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub(crate) struct Up {
    /// Ask nothing: Claude may hand suitable work to the local model
    #[arg(long, short)]
    pub(crate) yes: bool,
    /// Do not let Claude hand work to the local model, and take that out where it is in
    #[arg(long)]
    pub(crate) no_delegation: bool,
    /// Do not have Claude Code send its telemetry here: costs come from transcripts alone
    #[arg(long)]
    pub(crate) no_telemetry: bool,
    /// Do not open a browser
    #[arg(long)]
    pub(crate) no_open: bool,
    /// Do not use the service manager, even where there is one
    #[arg(long)]
    pub(crate) no_service: bool,
    /// Leave Claude Code's status line to you, and take ours out where it is in
    #[arg(long)]
    pub(crate) no_statusline: bool,
    /// Which events the hooks report [default: what is installed, else standard]
    #[arg(long, value_enum)]
    pub(crate) profile: Option<Profile>,
}

/// Which events the hooks report; `orch-hook install` knows the lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Profile {
    /// Sessions, prompts, tools, agents and permissions
    Standard,
    /// Agent calls only
    Light,
    /// Everything worth having
    Full,
}

impl Profile {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Light => "light",
            Self::Full => "full",
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct Down {
    /// Delete the recorded data and the settings too
    #[arg(long)]
    pub(crate) purge: bool,
    /// Ask nothing: Claude may hand suitable work to the local model
    #[arg(long, short)]
    pub(crate) yes: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Port of the demo's dashboard; 0 takes a free one
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) port: u16,
    /// Vary the sessions by this number; the same number gives the same sessions
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// How many past sessions to make
    #[arg(long, value_name = "N", default_value_t = 60, value_parser = clap::value_parser!(u32).range(0..=10_000))]
    pub(crate) sessions: u32,
    /// Keep the demo's data when it ends
    #[arg(long)]
    pub(crate) keep: bool,
    /// Do not open a browser
    #[arg(long)]
    pub(crate) no_open: bool,
    /// End after the past sessions are in, without a live feed
    #[arg(long, hide = true)]
    pub(crate) once: bool,
}
