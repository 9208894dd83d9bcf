//! Processes of a test: threads that send each other messages.

use lstm_train::Processes;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

/// One of several threads, with a channel to and from every other.
pub struct Linked {
    rank: usize,
    to: Vec<Sender<Vec<u8>>>,
    from: Vec<Receiver<Vec<u8>>>,
}

fn linked(count: usize) -> Vec<Linked> {
    let mut from: Vec<Vec<Receiver<Vec<u8>>>> = (0..count).map(|_| Vec::new()).collect();
    let senders = (0..count).map(|_| {
        let to = from.iter_mut().map(|from| {
            let (sender, receiver) = channel();
            from.push(receiver);
            sender
        });
        to.collect()
    });
    let senders: Vec<Vec<_>> = senders.collect();
    let all = senders.into_iter().zip(from).enumerate();
    all.map(|(rank, (to, from))| Linked { rank, to, from })
        .collect()
}

impl Processes for Linked {
    fn rank(&self) -> usize {
        self.rank
    }

    fn count(&self) -> usize {
        self.to.len()
    }

    fn send(&self, to: usize, bytes: &[u8]) {
        self.to[to].send(bytes.to_vec()).unwrap();
    }

    fn receive(&self, from: usize, bytes: &mut [u8]) {
        bytes.copy_from_slice(&self.from[from].recv().unwrap());
    }

    fn broadcast(&self, from: usize, bytes: &mut [u8]) {
        if self.rank != from {
            return self.receive(from, bytes);
        }
        for to in (0..self.count()).filter(|&to| to != from) {
            self.send(to, bytes);
        }
    }
}

/// Does the same in `count` threads; the results are in the order of the ranks.
pub fn on_each<O: Send>(count: usize, work: impl Fn(Linked) -> O + Sync) -> Vec<O> {
    thread::scope(|scope| {
        let work = &work;
        let one = |linked| scope.spawn(move || work(linked));
        let all: Vec<_> = linked(count).into_iter().map(one).collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    })
}
