//! The memory that the control groups of this process may still use (Linux). Containers and service
//! managers limit memory by them.

use std::fs;
use std::path::Path;

/// The names of the files of a control group, in one version of the interface.
struct Names {
    limit: &'static str,
    used: &'static str,
    /// The entry of `memory.stat` with the cached file contents that the system drops first.
    cache: &'static str,
}

const VERSION_2: Names = Names {
    limit: "memory.max",
    used: "memory.current",
    cache: "inactive_file",
};

const VERSION_1: Names = Names {
    limit: "memory.limit_in_bytes",
    used: "memory.usage_in_bytes",
    cache: "total_inactive_file",
};

/// The bytes that the process's own group and every group above it may still use: the least of them.
/// `None` if no group has a limit. `groups` is the text of `/proc/self/cgroup`, and `root` the directory
/// under which the groups are mounted.
pub(crate) fn room(groups: &str, root: &Path) -> Option<u64> {
    let rooms = groups.lines().flat_map(|line| {
        let mut fields = line.splitn(3, ':').skip(1);
        let (Some(controllers), Some(path)) = (fields.next(), fields.next()) else {
            return Vec::new();
        };
        let is_memory = controllers.split(',').any(|name| name == "memory");
        let (names, mount) = match controllers {
            "" => (&VERSION_2, root.to_owned()),
            _ if is_memory => (&VERSION_1, root.join("memory")),
            _ => return Vec::new(),
        };
        let own = mount.join(path.trim_start_matches('/'));
        let above = own
            .ancestors()
            .take_while(|group| group.starts_with(&mount));
        above.filter_map(|group| names.room(group)).collect()
    });
    rooms.min()
}

impl Names {
    /// The rest of one group's limit. `None` if it has none, or if the group is not visible from here,
    /// as that of a container's host.
    fn room(&self, group: &Path) -> Option<u64> {
        let number = |name: &str| -> Option<u64> {
            let text = fs::read_to_string(group.join(name)).ok()?;
            text.trim().parse().ok()
        };
        let (limit, used) = (number(self.limit)?, number(self.used)?);
        let in_use = used.saturating_sub(self.cached(&group.join("memory.stat")).unwrap_or(0));
        Some(limit.saturating_sub(in_use))
    }

    fn cached(&self, stat: &Path) -> Option<u64> {
        let text = fs::read_to_string(stat).ok()?;
        let mut entries = text.lines().filter_map(|line| line.split_once(' '));
        let (_, bytes) = entries.find(|(name, _)| *name == self.cache)?;
        bytes.trim().parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::{TempDir, tempdir};

    fn tree(files: &[(&str, &str)]) -> TempDir {
        let root = tempdir().unwrap();
        for (path, text) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, format!("{text}\n")).unwrap();
        }
        root
    }

    #[test]
    fn the_smallest_room_on_the_way_up_counts() {
        let root = tree(&[
            ("memory.max", "max"),
            ("memory.current", "9"),
            ("a/memory.max", "1000"),
            ("a/memory.current", "900"),
            ("a/b/memory.max", "700"),
            ("a/b/memory.current", "500"),
            ("a/b/c/memory.max", "max"),
            ("a/b/c/memory.current", "100"),
            // A neighbour is not on the way.
            ("a/x/memory.max", "1"),
            ("a/x/memory.current", "1"),
        ]);
        let room = |groups: &str| room(groups, root.path());
        assert_eq!(room("0::/a/b/c\n"), Some(100));
        assert_eq!(room("0::/a/b\n"), Some(100));
        fs::write(root.path().join("a/b/memory.current"), "650").unwrap();
        assert_eq!(room("0::/a/b/c\n"), Some(50));
        assert_eq!(room("0::/\n"), None);
    }

    #[test]
    fn a_path_that_is_not_visible_from_a_container_leaves_the_limit_of_the_mount() {
        let root = tree(&[("memory.max", "300"), ("memory.current", "100")]);
        for groups in ["0::/", "0::/kubepods/pod1/c", "0::/../elsewhere"] {
            assert_eq!(room(groups, root.path()), Some(200), "{groups}");
        }
    }

    #[test]
    fn cached_files_do_not_count_as_used() {
        let root = tree(&[
            ("memory.max", "1000"),
            ("memory.current", "990"),
            (
                "memory.stat",
                "anon 90\nfile 900\ninactive_file 600\nactive_file 300",
            ),
        ]);
        assert_eq!(room("0::/", root.path()), Some(610));
    }

    #[test]
    fn groups_of_version_1_are_found_by_their_controller() {
        let root = tree(&[
            ("memory/memory.limit_in_bytes", "9223372036854771712"),
            ("memory/memory.usage_in_bytes", "5000"),
            ("memory/job/memory.limit_in_bytes", "4000"),
            ("memory/job/memory.usage_in_bytes", "3000"),
            ("memory/job/memory.stat", "cache 9\ntotal_inactive_file 500"),
            ("cpu/job/memory.limit_in_bytes", "1"),
            ("cpu/job/memory.usage_in_bytes", "0"),
            // The process is in this group for its numbers of processes alone.
            ("memory/pids/memory.limit_in_bytes", "1"),
            ("memory/pids/memory.usage_in_bytes", "0"),
        ]);
        let groups = "9:name=systemd:/\n6:pids:/pids\n5:cpu,cpuacct:/job\n4:memory:/job\n0::/\n";
        assert_eq!(room(groups, root.path()), Some(1500));
        assert_eq!(room("", root.path()), None);
        assert_eq!(room("garbage\n4:memory\n", root.path()), None);
    }
}
