(** * The backward equations have a solution

    E9–E14 give the gradients of step t from those of step t + 1.  Such a recurrence, from the
    last step to the first, always has a solution. *)

From Coq Require Import Reals Arith Lia.
Require Import Statement Truncation.
Open Scope R_scope.

Lemma backward_recurrence {A} (T : nat) (last : A) (step : nat -> A -> A) :
  exists s : nat -> A, s T = last /\ forall t, (t < T)%nat -> s t = step t (s (S t)).
Proof.
  set (back := fix back n := match n with O => last | S m => step (T - n)%nat (back m) end).
  exists (fun t => back (T - t)%nat). split.
  - now rewrite Nat.sub_diag.
  - intros t Ht. replace (T - t)%nat with (S (T - S t)) by lia.
    cbn [back]. f_equal. lia.
Qed.

(** The four da of one step, from its dh and dc (E10, E12–E14). *)
Definition gate_gradients (D H : nat) (p : params) (t : nat) (dh dc : vec) (k : block) (j : nat) : R :=
  let y k := gate_at D H p k t j in
  match k with
  | Bi => dc j * y Bg * y Bi * (1 - y Bi)
  | Bf => dc j * c D H p (pred t) j * y Bf * (1 - y Bf)
  | Bg => dc j * y Bi * (1 - y Bg ^ 2)
  | Bo => dh j * tanh (c D H p t j) * y Bo * (1 - y Bo)
  end.

Theorem truncated_pass : truncated_pass_exists.
Proof.
  intros D H edge T p G _.
  set (dc_of := fun t (dh next : vec) j =>
    dh j * gate_at D H p Bo t j * (1 - tanh (c D H p t j) ^ 2) + next j).
  set (last := let dh j := each_h G T j + last_h G j in (dh, dc_of T dh (last_c G))).
  set (step := fun t (next : vec * vec) =>
    let da := gate_gradients D H p (S t) (fst next) (snd next) in
    let dh j := each_h G t j +
      if edge t then 0 else sum_blocks (fun k => sum H (fun m => Wh p k m j * da k m)) in
    (dh : vec,
     dc_of t dh (fun j => if edge t then 0 else snd next j * gate_at D H p Bf (S t) j))).
  destruct (backward_recurrence T last step) as (s & sT & st).
  exists (fun t => fst (s t)), (fun t => snd (s t)),
    (fun k t => gate_gradients D H p t (fst (s t)) (snd (s t)) k).
  split; intros; try reflexivity.
  1, 4: now rewrite sT.
  all: rewrite st by lia; unfold step, dc_of; cbn [fst snd].
  all: match goal with E : _ = true |- _ => rewrite E | E : _ = false |- _ => rewrite E end;
    now rewrite ?Rplus_0_r.
Qed.

Theorem backward_pass : backward_pass_exists.
Proof.
  intros D H T p G T_pos.
  destruct (truncated_pass D H never T p G T_pos) as (dh & dc & da & B).
  exists dh, dc, da. now apply truncated_never.
Qed.
