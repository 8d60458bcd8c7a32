//! The server: which tools there are, and who serves a call. It ends when its client is gone or a signal asks for it.

use std::sync::Arc;
use std::time::Duration;

use rmcp::handler::server::ServerHandler;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, Implementation, JsonObject, ListToolsResult,
    PaginatedRequestParams, ServerCapabilities, ServerConfig,
};
use rmcp::service::{RequestContext, ServerInitializeError, ServiceExt};
use rmcp::{ErrorData, RoleServer};
use shared::paths::Paths;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::transport::Messages;
use super::{answer, delegate, route, status, tools, usage};
use crate::command::signals::interrupted;
use crate::command::{Code, Failure};
use crate::delegate::recording::record_or_keep;

/// Tasks at once; a local model does them one after the other.
const TASKS_AT_ONCE: usize = 8;
/// Longest that answers may take to be out, and then tasks to end, when nobody waits for them any more.
const END_WITHIN: Duration = Duration::from_secs(4);

/// Serves the client on stdin and stdout until it is gone. Returns the exit code of a signal that ended it.
pub(crate) async fn serve(paths: Paths) -> Result<u8, Failure> {
    let (gone, tasks) = (CancellationToken::new(), TaskTracker::new());
    let free = Arc::new(Semaphore::new(TASKS_AT_ONCE));
    let server = Server { paths, gone: gone.clone(), tasks: tasks.clone(), free };
    let messages = Messages::new(rmcp::transport::io::stdio_pipes(), gone.clone());
    let serving = async {
        let running = server.serve(messages).await?;
        // How its loop ended is of no use to anybody: the client is gone.
        let _ = running.waiting().await;
        Ok(0)
    };
    let ended = tokio::select! {
        ended = serving => ended,
        code = interrupted() => Ok(code),
        () = late(&gone) => Ok(0),
    };
    gone.cancel();
    tasks.close();
    let _ = tokio::time::timeout(END_WITHIN, tasks.wait()).await;
    match ended {
        Ok(code) => Ok(code),
        Err(ServerInitializeError::ConnectionClosed(_)) => Ok(0),
        Err(error) => Err(Failure::new(Code::Usage, "the client does not speak MCP").because(error)),
    }
}

/// Returns when the client is gone and did not take its last answers: it may have closed one pipe and hold the other unread.
async fn late(gone: &CancellationToken) {
    gone.cancelled().await;
    tokio::time::sleep(END_WITHIN).await;
}

/// Serves one client.
#[derive(Debug)]
struct Server {
    paths: Paths,
    /// Cancelled when nobody waits for an answer any more.
    gone: CancellationToken,
    /// Those that are worked on.
    tasks: TaskTracker,
    free: Arc<Semaphore>,
}

impl Server {
    /// Serves a delegation. It is recorded behind the answer, which does not wait for that.
    async fn delegated(&self, arguments: Option<JsonObject>, context: &RequestContext<RoleServer>) -> CallToolResult {
        let call = delegate::call(&self.paths, arguments, context, &self.gone);
        let (result, record) = self.tasks.track_future(call).await;
        if let Some(record) = record {
            let paths = self.paths.clone();
            self.tasks.spawn(async move { record_or_keep(&paths, &record).await });
        }
        result
    }
}

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(
                Implementation::new("orch", env!("CARGO_PKG_VERSION")).with_title("AI Orchestration Analytics"),
            )
            .with_instructions(tools::INSTRUCTIONS)
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(tools::all()))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let result = match &*request.name {
            tools::DELEGATE_TASK => match self.free.try_acquire() {
                Ok(_permit) => self.delegated(request.arguments, &context).await,
                Err(_) => answer::could_not("it has too many tasks already", ""),
            },
            tools::ROUTE_TASK => route::call(&self.paths, request.arguments, &context).await,
            tools::LOCAL_STATUS => status::call(&self.paths).await,
            tools::USAGE_SUMMARY => usage::call(&self.paths).await,
            other => return Err(ErrorData::invalid_params(format!("there is no tool `{other}`"), None)),
        };
        Ok(result.into())
    }
}
