//! Who has a port: for an error that names the process to stop.

use std::fmt;

/// A process that listens on a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Owner {
    /// Its id.
    pub(crate) pid: u32,
    /// Its name, as the system shows it.
    pub(crate) name: String,
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` (pid {})", self.name, self.pid)
    }
}

/// Returns the process that listens on the port, where the system shows it to this user.
#[cfg(target_os = "linux")]
pub(crate) fn owner(port: u16) -> Option<Owner> {
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"].map(|file| std::fs::read_to_string(file).unwrap_or_default());
    let inodes: Vec<_> = tables.iter().flat_map(|table| listening_inodes(table, port)).collect();
    let names: Vec<_> = inodes.iter().map(|inode| format!("socket:[{inode}]")).collect();
    if names.is_empty() {
        return None;
    }
    let processes = std::fs::read_dir("/proc").ok()?.flatten();
    let pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let pid = pids.into_iter().find(|pid| {
        // Descriptors of another user's process cannot be listed.
        let descriptors = std::fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
        let mut targets = descriptors.filter_map(|entry| std::fs::read_link(entry.path()).ok());
        targets.any(|target| target.to_str().is_some_and(|target| names.iter().any(|name| name == target)))
    })?;
    let name = std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    Some(Owner { pid, name: name.trim().to_owned() })
}

/// Other systems do not show it without a helper program.
#[cfg(not(target_os = "linux"))]
pub(crate) fn owner(_: u16) -> Option<Owner> {
    None
}

/// Returns the inodes of the sockets that listen on the port, from the text of `/proc/net/tcp`.
#[cfg(target_os = "linux")]
fn listening_inodes(table: &str, port: u16) -> impl Iterator<Item = u64> {
    /// `TCP_LISTEN` in the kernel's numbering.
    const LISTEN: &str = "0A";
    table.lines().skip(1).filter_map(move |line| {
        let mut columns = line.split_whitespace().skip(1);
        let (local, _, state) = (columns.next()?, columns.next()?, columns.next()?);
        let found = u16::from_str_radix(local.rsplit_once(':')?.1, 16).ok()?;
        // After the state: queues, timer, retransmits, uid, timeout, inode.
        let inode = columns.nth(5)?.parse().ok()?;
        (state == LISTEN && found == port).then_some(inode)
    })
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_table_is_read() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n   \
             0: 0100007F:1A44 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4242 1 0 100 0\n   \
             1: 0100007F:1A44 0100007F:9C40 01 00000000:00000000 00:00000000 00000000  1000        0 4343 1 0 20 4\n";
        assert_eq!(listening_inodes(table, 6724).collect::<Vec<_>>(), [4242]);
        assert_eq!(listening_inodes(table, 6725).count(), 0);
    }

    #[test]
    fn this_process_is_found_by_its_own_port() {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("binds");
        let port = listener.local_addr().expect("bound").port();
        assert_eq!(owner(port).expect("our own descriptors are visible").pid, std::process::id());
    }
}
