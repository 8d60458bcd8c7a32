//! `orchd demo`: a daemon in a home of its own, filled with recorded sessions, some of which go on while it runs.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use shared::paths::Paths;
use shared::protocol::{EventHeader, Reply, Request};

use super::args::Demo;
use super::{control, dashboard, start, stop};
use crate::clock::now;
use crate::command::output::{print, say};
use crate::command::signals;
use crate::command::{Code, Failure};
use crate::daemon_client::Connection;
use crate::daemon_client::Endpoint;
use crate::delegate::recording;
use crate::demo::{Decider, Live, Moment, Usage, Word, delegations, past, words};
use crate::private;

/// Moments whose requests are told together.
const TOLD_TOGETHER: usize = 1_000;

/// What the demo's daemon is told: no transcripts, and what its local model's electricity costs.
const SETTINGS: &[u8] = b"[ledger]\ntranscripts = false\n[local]\nwatts = 120\nusd_per_kwh = 0.3\n";

/// Longest one event may take to be stored.
const STORED_WITHIN: Duration = Duration::from_secs(5);

pub(crate) fn run(args: &Demo) -> Result<ExitCode, Failure> {
    let home = make_home()?;
    let outcome = keep_to_itself(&Paths::under(&home)).and_then(|paths| show(&paths, args));
    if args.keep {
        say(&format!("Kept: {0}   (again: orchd --home {0} start)", home.display()));
    } else if let Err(error) = std::fs::remove_dir_all(&home) {
        say(&format!("{} could not be removed: {error}", home.display()));
    }
    outcome
}

/// Makes a folder that was not there before: short, for the socket's sake, and private.
fn make_home() -> Result<PathBuf, Failure> {
    let base = std::env::temp_dir();
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    let pid = std::process::id();
    let names = (0..100).map(|number| base.join(format!("orch-demo-{pid}-{number}")));
    for home in names {
        match builder.create(&home) {
            Ok(()) => return Ok(home),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(Failure::of_file(format!("failed to make `{}`", home.display()), error)),
        }
    }
    Err(Failure::new(Code::CannotCreate, format!("no free name for a folder in `{}`", base.display())))
}

/// Writes the demo's settings: also a daemon that is started again after `--keep` never reads the user's transcripts.
fn keep_to_itself(paths: &Paths) -> Result<Paths, Failure> {
    let file = paths.config_file();
    shared::paths::make_private_dir(&paths.config_dir)
        .and_then(|()| private::write_whole(&file, SETTINGS, 0o600))
        .map_err(|source| Failure::of_file(format!("failed to write `{}`", file.display()), source))?;
    Ok(paths.clone())
}

fn show(paths: &Paths, args: &Demo) -> Result<ExitCode, Failure> {
    let program = std::env::current_exe()
        .map_err(|source| Failure::new(Code::Internal, "failed to find this program's own file").because(source))?;
    start::start_detached(paths, &program, &["--no-transcripts", "--port", &args.port.to_string()])?;
    let outcome = feed(paths, args);
    // Whatever happened, no daemon stays behind.
    let stopped = stop::stop(paths);
    outcome?;
    stopped?;
    Ok(ExitCode::SUCCESS)
}

fn feed(paths: &Paths, args: &Demo) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|source| Failure::new(Code::TryAgain, "failed to start the runtime").because(source))?;
    runtime.block_on(async {
        tokio::select! {
            ended = signals::heard() => ended.map(drop),
            failed = play(paths, args) => failed,
        }
    })
}

/// Sends the past, tells where to look, and sends what goes on. Returns early only with `--once`, or when sending fails.
async fn play(paths: &Paths, args: &Demo) -> Result<(), Failure> {
    let before = past(args.seed, args.sessions, now());
    let decider = Decider::new(args.seed, now());
    let mut connection = Connection::open(paths, STORED_WITHIN).map_err(control::failure_of)?;
    let count = before.len();
    for moment in &before {
        send(&mut connection, moment, &decider, None)?;
        // A signal must be heard in between.
        tokio::task::yield_now().await;
    }
    let mut telemetry = Telemetry::new(paths)?;
    for moments in before.chunks(TOLD_TOGETHER) {
        telemetry.tell(moments).await?;
    }
    // Behind the requests: which model they displace is found in those.
    for record in delegations(args.seed, &before) {
        let told = recording::record(paths, &record).await;
        told.map_err(|error| {
            Failure::new(Code::Internal, "the demo's daemon did not take a delegation").because(error)
        })?;
    }
    give(paths, &telemetry.client, words(args.seed, &before, &decider)).await?;
    let mut live = Live::new(args.seed, now());
    // Their first events are older than this process, which stands in for their client from now on.
    let begun = live.take_due(now());
    for moment in &begun {
        send(&mut connection, moment, &decider, None)?;
    }
    telemetry.tell(&begun).await?;
    invite(paths, args, count)?;
    if args.once {
        return Ok(());
    }
    loop {
        let wait = live.next_at().map_or(0, |at| at - now()).max(0);
        tokio::time::sleep(Duration::from_micros(u64::try_from(wait).unwrap_or_default())).await;
        // As hooks do: a connection for a moment. The daemon closes those that say nothing.
        let mut connection = Connection::open(paths, STORED_WITHIN).map_err(control::failure_of)?;
        let due = live.take_due(now());
        for moment in &due {
            send(&mut connection, moment, &decider, Some(std::process::id()))?;
        }
        telemetry.tell(&due).await?;
    }
}

fn invite(paths: &Paths, args: &Demo, events: usize) -> Result<(), Failure> {
    let url = control::login(paths)?;
    print(&url)?;
    let opened = !args.no_open && dashboard::has_display(|name| std::env::var_os(name)) && dashboard::open(&url);
    if !opened && !args.once {
        say("Open the address above in a browser; it works once, for a minute.");
    }
    let home = paths.home_override.as_deref().unwrap_or(Path::new("")).display();
    say(&format!("{events} recorded events of {} sessions; four more sessions are live.", args.sessions));
    say(&format!("Another login: orchd --home {home} dashboard"));
    if !args.once {
        say("Ctrl-C ends the demo.");
    }
    Ok(())
}

/// Sends an event as a hook does, with what the hook decided.
fn send(
    connection: &mut Connection,
    moment: &Moment,
    decider: &Decider,
    client_pid: Option<u32>,
) -> Result<(), Failure> {
    let header = EventHeader {
        client_pid,
        project_dir: moment.payload["cwd"].as_str().map(str::to_owned),
        entrypoint: Some("cli".to_owned()),
        decided: decider.decided(moment).map(Box::new),
        hook_version: env!("CARGO_PKG_VERSION").to_owned(),
        ..EventHeader::new(moment.occurred_at)
    };
    let payload = moment.payload.to_string();
    match connection.exchange(&Request::Event(header), Some(payload.as_bytes()), STORED_WITHIN) {
        Ok(Reply::Ack { .. }) => Ok(()),
        Ok(_) => Err(Failure::new(Code::Internal, "the demo's daemon did not store an event")),
        Err(error) => Err(control::failure_of(error)),
    }
}

/// Tells the daemon what the demo's user says of tasks, as the page does.
async fn give(paths: &Paths, client: &reqwest::Client, words: Vec<Word>) -> Result<(), Failure> {
    let refused =
        |error| Failure::new(Code::Internal, "the demo's daemon did not take a word on a task").because(error);
    let file = paths.token_file();
    let token = std::fs::read_to_string(&file)
        .map_err(|source| Failure::of_file(format!("failed to read `{}`", file.display()), source))?;
    let url = format!("{}/api/v1/feedback", listening(paths)?.http);
    for word in words {
        let answer = client.post(&url).bearer_auth(token.trim()).json(&word).send().await;
        answer.and_then(reqwest::Response::error_for_status).map_err(refused)?;
    }
    Ok(())
}

fn listening(paths: &Paths) -> Result<Endpoint, Failure> {
    Endpoint::read(paths)
        .ok_or_else(|| Failure::new(Code::Unavailable, "the demo's daemon did not say where it listens"))
}

/// Tells the daemon of the requests behind the events, as a client's telemetry does.
struct Telemetry {
    client: reqwest::Client,
    url: String,
    token: String,
    usage: Usage,
}

impl Telemetry {
    fn new(paths: &Paths) -> Result<Self, Failure> {
        let file = paths.telemetry_token_file();
        let token = std::fs::read_to_string(&file)
            .map_err(|source| Failure::of_file(format!("failed to read `{}`", file.display()), source))?;
        let endpoint = listening(paths)?;
        let client = reqwest::Client::builder().no_proxy().timeout(STORED_WITHIN).build().map_err(not_told)?;
        let url = format!("{}/v1/logs", endpoint.http);
        Ok(Self { client, url, token: token.trim().to_owned(), usage: Usage::default() })
    }

    async fn tell(&mut self, moments: &[Moment]) -> Result<(), Failure> {
        let Some(body) = self.usage.telemetry(moments) else { return Ok(()) };
        let request = self.client.post(&self.url).bearer_auth(&self.token);
        let answer = request.header("content-type", "application/json").body(body).send().await;
        answer.and_then(reqwest::Response::error_for_status).map(drop).map_err(not_told)
    }
}

fn not_told(error: reqwest::Error) -> Failure {
    Failure::new(Code::Internal, "the demo's daemon did not take the telemetry").because(error)
}
