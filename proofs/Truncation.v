(** * Windows, and states that are held constant

    Truncated back-propagation cuts a sequence into windows.  This file defines what is cut
    and what the cut gradient will turn out to be the gradient of; plain back-propagation is
    the case without edges.  Like the statement, it proves nothing but what follows at once
    from the definitions.

    [edge t] says that a window ends with step t. *)

From Coq Require Import Reals Arith Lia.
From Coquelicot Require Import Coquelicot.
Require Import Statement.
Open Scope R_scope.

Section Held.
Variables (D H : nat) (edge : nat -> bool).

(** The network with parameters [q], except that every window starts from the state that the
    network with parameters [p] has there: a number that [q] cannot change. *)
Fixpoint held_state (p q : params) (t : nat) : vec * vec :=
  match t with
  | O => (h0 q, c0 q)
  | S s => next D H q t (if edge s then state D H p s else held_state p q s)
  end.

Definition held_run (T : nat) (p q : params) : outputs := mkOutputs
  (fun t => fst (held_state p q t)) (fst (held_state p q T)) (snd (held_state p q T)).

(** Equations E9–E14, with E9 and E11 cut at the edges: there nothing comes from step t + 1. *)
Section Backward.
Variables (T : nat) (p : params) (G : outputs).
Local Notation c := (c D H p).
Local Notation i := (gate_at D H p Bi).
Local Notation f := (gate_at D H p Bf).
Local Notation g := (gate_at D H p Bg).
Local Notation o := (gate_at D H p Bo).

Record is_truncated_bptt (dh dc : nat -> vec) (da : block -> nat -> vec) : Prop := {
  T9_last : forall j, (j < H)%nat -> dh T j = each_h G T j + last_h G j;
  T9_edge : forall t j, (1 <= t < T)%nat -> (j < H)%nat -> edge t = true ->
       dh t j = each_h G t j;
  T9 : forall t j, (1 <= t < T)%nat -> (j < H)%nat -> edge t = false ->
       dh t j = each_h G t j + sum_blocks (fun k => sum H (fun m => Wh p k m j * da k (S t) m));
  T10 : forall t j, (1 <= t <= T)%nat -> (j < H)%nat ->
       da Bo t j = dh t j * tanh (c t j) * o t j * (1 - o t j);
  T11_last : forall j, (j < H)%nat ->
       dc T j = dh T j * o T j * (1 - tanh (c T j) ^ 2) + last_c G j;
  T11_edge : forall t j, (1 <= t < T)%nat -> (j < H)%nat -> edge t = true ->
       dc t j = dh t j * o t j * (1 - tanh (c t j) ^ 2);
  T11 : forall t j, (1 <= t < T)%nat -> (j < H)%nat -> edge t = false ->
       dc t j = dh t j * o t j * (1 - tanh (c t j) ^ 2) + dc (S t) j * f (S t) j;
  T12 : forall t j, (1 <= t <= T)%nat -> (j < H)%nat ->
       da Bi t j = dc t j * g t j * i t j * (1 - i t j);
  T13 : forall t j, (1 <= t <= T)%nat -> (j < H)%nat ->
       da Bf t j = dc t j * c (pred t) j * f t j * (1 - f t j);
  T14 : forall t j, (1 <= t <= T)%nat -> (j < H)%nat ->
       da Bg t j = dc t j * i t j * (1 - g t j ^ 2) }.
End Backward.

(** With the parameters where they are, holding the states changes nothing: truncation leaves
    the forward pass alone. *)
Lemma held_at_itself p t : held_state p p t = state D H p t.
Proof. induction t as [| t IH]; simpl; [easy |]. rewrite IH. now destruct (edge t). Qed.
End Held.

(** A proof writes [T9 B] for equation T9 of the backward pass [B]. *)
Arguments T9_last {D H edge T p G dh dc da}.
Arguments T9_edge {D H edge T p G dh dc da}.
Arguments T9 {D H edge T p G dh dc da}.
Arguments T10 {D H edge T p G dh dc da}.
Arguments T11_last {D H edge T p G dh dc da}.
Arguments T11_edge {D H edge T p G dh dc da}.
Arguments T11 {D H edge T p G dh dc da}.
Arguments T12 {D H edge T p G dh dc da}.
Arguments T13 {D H edge T p G dh dc da}.
Arguments T14 {D H edge T p G dh dc da}.

(** Windows of [w] steps, counted from step 1. *)
Definition window (w : nat) (t : nat) : bool := Nat.ltb 0 t && Nat.eqb (t mod w) 0.

(** Without edges nothing is held and nothing is cut. *)
Definition never : nat -> bool := fun _ => false.

Lemma held_never D H p q t : held_state D H never p q t = state D H q t.
Proof. induction t as [| t IH]; simpl; [easy |]. now rewrite IH. Qed.

Lemma truncated_never D H T p G dh dc da :
  is_bptt D H T p G dh dc da <-> is_truncated_bptt D H never T p G dh dc da.
Proof. split; intros []; split; auto; discriminate. Qed.

(** ** The claims *)

(** The cut equations have a solution. *)
Definition truncated_pass_exists : Prop :=
  forall D H edge T p G, (1 <= T)%nat ->
  exists dh dc da, is_truncated_bptt D H edge T p G dh dc da.

(** Truncated back-propagation, with E9 and E11 cut, computes the gradient of the loss in which
    every window starts from a constant.  Edges lie after step 1 or later: the initial state is no edge. *)
Definition truncation_is_the_gradient_of_held_windows : Prop :=
  forall D H edge T L p G dh dc da, (1 <= T)%nat -> edge 0%nat = false ->
  loss_gradient H T L (run D H T p) G ->
  is_truncated_bptt D H edge T p G dh dc da ->
  is_gradient D H T (fun q => L (held_run D H edge T p q)) p (grad D H T p dc da).

(** Windows as long as the sequence cut nothing. *)
Definition truncation_at_full_length_is_plain_bptt : Prop :=
  forall D H w T p G dh dc da, (T <= w)%nat ->
  is_truncated_bptt D H (window w) T p G dh dc da -> is_bptt D H T p G dh dc da.

(** The uncut gradient is not: to let gradients flow across the edges of windows is a mistake too
    (TruncationIgnored in the project's list), if it is the held windows that are to be trained. *)
Definition truncation_ignored_is_refuted : Prop :=
  exists D H w T L p G dh dc da, (1 <= T)%nat /\
  loss_gradient H T L (run D H T p) G /\ is_bptt D H T p G dh dc da /\
  ~ is_gradient D H T (fun q => L (held_run D H (window w) T p q)) p (grad D H T p dc da).
