//! The logon task of Windows. Unproven: no test of ours runs on Windows.

use std::path::Path;

use super::MARK;
use super::launchd::escaped;

/// Name of the task.
pub const NAME: &str = "AI Orchestration Analytics";

/// Returns the task that runs `program` at logon and again, three times, when it fails.
#[must_use]
pub fn task(program: &Path) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<!-- {MARK}; changes are overwritten. -->
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <Triggers>
    <LogonTrigger>
      <Enabled>true</Enabled>
    </LogonTrigger>
  </Triggers>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <Hidden>true</Hidden>
    <RestartOnFailure>
      <Interval>PT1M</Interval>
      <Count>3</Count>
    </RestartOnFailure>
  </Settings>
  <Actions>
    <Exec>
      <Command>{}</Command>
      <Arguments>run</Arguments>
    </Exec>
  </Actions>
</Task>
"#,
        escaped(&program.to_string_lossy())
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_task_is_as_reviewed() {
        insta::assert_snapshot!(task(Path::new(r"C:\Users\dev & co\orch\bin\orchd.exe")));
    }
}
