//! What a power cut can leave of recorded operations.
//!
//! The model demands no more of a file system than POSIX and every journal promise:
//!
//! - A file that was synced after it was last written has its content. Of any other file, the old content
//!   may be there; or the new one up to the end of any block; or the new one with zeros in any of its
//!   blocks.
//! - Of the entries of a directory, those that were there at its last sync are there. Each later change
//!   may have happened or not, whatever became of the changes before and after it.
//! - A move is one change: the file has its old name, its new one or both, but never none. A file that
//!   was at the new name is there until the move happens.
//! - Syncing a file does not sync its name, and syncing a directory does not sync its files or its own
//!   name.

use crate::files::disk::Operation;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

/// The files and directories (without content) that a power cut leaves.
pub type State = BTreeMap<PathBuf, Option<Vec<u8>>>;

/// The size of a block: a disk writes it completely or not at all.
const BLOCK: usize = 512;

/// A disk, and what of it is synced.
#[derive(Clone, Default)]
pub struct Disk {
    inodes: Vec<Inode>,
    dirs: BTreeMap<PathBuf, Dir>,
}

#[derive(Clone, Default)]
struct Inode {
    synced: Vec<u8>,
    content: Vec<u8>,
}

#[derive(Clone, Default)]
struct Dir {
    synced: Entries,
    entries: Entries,
    unsynced: Vec<Change>,
}

type Entries = BTreeMap<OsString, Node>;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Node {
    File(usize),
    Dir,
}

#[derive(Clone)]
enum Change {
    Add(OsString, Node),
    Remove(OsString),
    Move(OsString, OsString, Node),
}

impl Disk {
    /// A disk with the directory `root` as it is now, all of it synced.
    pub fn of(root: &Path) -> Self {
        let mut disk = Self::default();
        disk.read(root);
        disk
    }

    fn read(&mut self, path: &Path) {
        let mut dir = Dir::default();
        for entry in fs::read_dir(path).unwrap() {
            let path = entry.unwrap().path();
            let node = if path.is_dir() {
                self.read(&path);
                Node::Dir
            } else {
                let content = fs::read(&path).unwrap();
                let synced = content.clone();
                self.inodes.push(Inode { synced, content });
                Node::File(self.inodes.len() - 1)
            };
            dir.synced.insert(split(&path).1, node);
        }
        dir.entries.clone_from(&dir.synced);
        self.dirs.insert(path.to_owned(), dir);
    }

    /// Carries out an operation.
    pub fn apply(&mut self, operation: &Operation) {
        match operation {
            Operation::CreateDir(path) => {
                self.dirs.insert(path.clone(), Dir::default());
                self.change(path, |name| Change::Add(name, Node::Dir));
            }
            Operation::Create(path) => {
                let node = Node::File(self.inodes.len());
                self.inodes.push(Inode::default());
                self.change(path, |name| Change::Add(name, node));
            }
            Operation::Write(path, bytes) => self.inode(path).content.clone_from(bytes),
            Operation::SyncFile(path) => {
                let inode = self.inode(path);
                inode.synced.clone_from(&inode.content);
            }
            Operation::Move { from, to } => {
                assert_eq!(from.parent(), to.parent(), "a move within a directory");
                let (dir, name) = split(from);
                let node = self.dirs[dir].entries[&name];
                self.change(to, |to| Change::Move(name, to, node));
            }
            Operation::Remove(path) => self.change(path, Change::Remove),
            Operation::SyncDir(path) => {
                let dir = self.dirs.get_mut(path).expect("the directory exists");
                dir.synced.clone_from(&dir.entries);
                dir.unsynced.clear();
            }
        }
    }

    fn change(&mut self, path: &Path, change: impl FnOnce(OsString) -> Change) {
        let (dir, name) = split(path);
        let dir = self.dirs.get_mut(dir).expect("the directory exists");
        let change = change(name);
        dir.entries = change.outcomes(&dir.entries).pop().expect("it happens");
        dir.unsynced.push(change);
    }

    fn inode(&mut self, path: &Path) -> &mut Inode {
        let (dir, name) = split(path);
        match self.dirs[dir].entries[&name] {
            Node::File(n) => &mut self.inodes[n],
            Node::Dir => panic!("{} is a directory", path.display()),
        }
    }

    /// The disk as running programs see it.
    pub fn now(&self, root: &Path) -> State {
        let mut disk = self.clone();
        for inode in &mut disk.inodes {
            inode.synced.clone_from(&inode.content);
        }
        for dir in disk.dirs.values_mut() {
            dir.synced.clone_from(&dir.entries);
            dir.unsynced.clear();
        }
        disk.after_power_cut(root).pop_first().expect("one state")
    }

    /// Everything that can be there after a power cut.
    pub fn after_power_cut(&self, root: &Path) -> BTreeSet<State> {
        let dir = &self.dirs[root];
        let mut possible = BTreeSet::from([dir.synced.clone()]);
        for change in &dir.unsynced {
            let outcomes = possible.iter().flat_map(|entries| change.outcomes(entries));
            possible = outcomes.collect();
        }
        let states = possible.iter().flat_map(|entries| {
            let start = BTreeSet::from([State::from([(root.to_owned(), None)])]);
            entries.iter().fold(start, |states, (name, node)| {
                let options = self.options(&root.join(name), *node);
                let pairs = states.iter().flat_map(|state| {
                    let both = |option: &State| {
                        state
                            .iter()
                            .chain(option)
                            .map(|(k, v)| (k.clone(), v.clone()))
                            .collect()
                    };
                    options.iter().map(both)
                });
                pairs.collect()
            })
        });
        states.collect()
    }

    /// What an entry can lead to.
    fn options(&self, path: &Path, node: Node) -> BTreeSet<State> {
        match node {
            Node::Dir => self.after_power_cut(path),
            Node::File(n) => {
                let contents = self.inodes[n].contents().into_iter();
                contents
                    .map(|bytes| [(path.to_owned(), Some(bytes))].into())
                    .collect()
            }
        }
    }
}

impl Change {
    /// The entries afterwards; the last are those after the whole change.
    fn outcomes(&self, entries: &Entries) -> Vec<Entries> {
        let mut outcomes = vec![entries.clone()];
        let mut next = entries.clone();
        match self {
            Self::Add(name, node) => drop(next.insert(name.clone(), *node)),
            Self::Remove(name) => drop(next.remove(name)),
            Self::Move(from, to, node) => {
                next.insert(to.clone(), *node);
                outcomes.push(next.clone());
                next.remove(from);
            }
        }
        outcomes.push(next);
        outcomes
    }
}

impl Inode {
    fn contents(&self) -> BTreeSet<Vec<u8>> {
        let mut all = BTreeSet::from([self.synced.clone()]);
        if self.synced == self.content {
            return all;
        }
        let blocks = self.content.len().div_ceil(BLOCK);
        let ends = (0..=blocks).map(|n| self.content.len().min(n * BLOCK));
        all.extend(ends.map(|end| self.content[..end].to_vec()));
        all.extend((0..1_u32 << blocks).map(|written| {
            let mut content = self.content.clone();
            for (n, block) in content.chunks_mut(BLOCK).enumerate() {
                if written >> n & 1 == 0 {
                    block.fill(0);
                }
            }
            content
        }));
        all
    }
}

fn split(path: &Path) -> (&Path, OsString) {
    let name = path.file_name().expect("a path below the root");
    (
        path.parent().expect("a path below the root"),
        name.to_owned(),
    )
}
