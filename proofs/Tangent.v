(** * How the states move when the parameters move

    Let the parameters run along a curve with velocity [v].  Then h_t and c_t run along curves
    too, and their velocities obey the forward equations, differentiated line by line.  This
    is what dual numbers compute. *)

From Coq Require Import Reals Arith Lia.
From Coquelicot Require Import Coquelicot.
Require Import Statement Sums Calculus Truncation.
Open Scope R_scope.

(** The curve [q] passes through [q e] with velocity [v], in every entry that the network reads. *)
Record has_velocity (D H T : nat) (q : R -> params) (e : R) (v : params) : Prop := {
  velocity_Wx : forall k j d, (j < H)%nat -> (d < D)%nat ->
    is_derive (fun e => Wx (q e) k j d) e (Wx v k j d);
  velocity_Wh : forall k j m, (j < H)%nat -> (m < H)%nat ->
    is_derive (fun e => Wh (q e) k j m) e (Wh v k j m);
  velocity_b : forall k j, (j < H)%nat -> is_derive (fun e => b (q e) k j) e (b v k j);
  velocity_x : forall t d, (1 <= t <= T)%nat -> (d < D)%nat ->
    is_derive (fun e => x (q e) t d) e (x v t d);
  velocity_h0 : forall j, (j < H)%nat -> is_derive (fun e => h0 (q e) j) e (h0 v j);
  velocity_c0 : forall j, (j < H)%nat -> is_derive (fun e => c0 (q e) j) e (c0 v j) }.

Arguments velocity_Wx {D H T q e v}.
Arguments velocity_Wh {D H T q e v}.
Arguments velocity_b {D H T q e v}.
Arguments velocity_x {D H T q e v}.
Arguments velocity_h0 {D H T q e v}.
Arguments velocity_c0 {D H T q e v}.

Section Tangent.
Variables (D H : nat) (edge : nat -> bool).

(** ** The differentiated forward pass, at the point [p] and in the direction [v] *)

Section Definitions.
Variables p v : params.

(** The part of the velocity of a^k_t that step t's own parameters cause. *)
Definition own' (t : nat) (h_prev : vec) (k : block) (j : nat) : R :=
  sum D (fun d => Wx v k j d * x p t d) + sum D (fun d => Wx p k j d * x v t d)
  + sum H (fun m => Wh v k j m * h_prev m) + b v k j.

(** E1, differentiated; the other part comes from the state before. *)
Definition preactivation' (t : nat) (h_prev h_prev' : vec) (k : block) (j : nat) : R :=
  own' t h_prev k j + sum H (fun m => Wh p k j m * h_prev' m).

(** E2–E5, differentiated. *)
Definition gate' (t : nat) (h_prev h_prev' : vec) (k : block) (j : nat) : R :=
  slope k (gate D H p t h_prev k j) * preactivation' t h_prev h_prev' k j.

(** E6, differentiated: the product rule, twice. *)
Definition next_c' (t : nat) (h_prev c_prev h_prev' c_prev' : vec) (j : nat) : R :=
  gate' t h_prev h_prev' Bf j * c_prev j + gate D H p t h_prev Bf j * c_prev' j
  + (gate' t h_prev h_prev' Bi j * gate D H p t h_prev Bg j
     + gate D H p t h_prev Bi j * gate' t h_prev h_prev' Bg j).

(** E7, differentiated: the product rule and the chain rule. *)
Definition next_h' (t : nat) (h_prev c_prev h_prev' c_prev' : vec) (j : nat) : R :=
  gate' t h_prev h_prev' Bo j * tanh (next_c D H p t h_prev c_prev j)
  + gate D H p t h_prev Bo j
    * ((1 - tanh (next_c D H p t h_prev c_prev j) ^ 2) * next_c' t h_prev c_prev h_prev' c_prev' j).

(** The velocity (h′_t, c′_t).  A constant does not move: across an edge goes zero. *)
Fixpoint state' (t : nat) : vec * vec :=
  match t with
  | O => (h0 v, c0 v)
  | S s =>
    let prev' := if edge s then (fun _ => 0, fun _ => 0) else state' s in
    (next_h' t (h D H p s) (c D H p s) (fst prev') (snd prev'),
     next_c' t (h D H p s) (c D H p s) (fst prev') (snd prev'))
  end.
Definition h' (t : nat) : vec := fst (state' t).
Definition c' (t : nat) : vec := snd (state' t).
End Definitions.

(** ** It is the derivative of the forward pass *)

(** One step.  [hc] is the state that the step starts from, wherever that comes from. *)
Section Step.
Variables (T : nat) (q : R -> params) (e0 : R) (v : params).
Hypothesis Q : has_velocity D H T q e0 v.
Variables (t : nat) (hc : R -> vec * vec) (h_prev' c_prev' : vec).
Hypothesis Ht : (1 <= t <= T)%nat.
Hypothesis DH : forall j, (j < H)%nat -> is_derive (fun e => fst (hc e) j) e0 (h_prev' j).
Hypothesis DC : forall j, (j < H)%nat -> is_derive (fun e => snd (hc e) j) e0 (c_prev' j).
Local Notation p := (q e0).
Local Notation h_prev := (fst (hc e0)).
Local Notation c_prev := (snd (hc e0)).

Lemma derive_preactivation k j : (j < H)%nat ->
  is_derive (fun e => preactivation D H (q e) t (fst (hc e)) k j) e0
            (preactivation' p v t h_prev h_prev' k j).
Proof.
  intros Hj. unfold preactivation. eapply derive_eq.
  - apply derive_plus; [apply derive_plus |]; [| | now apply (velocity_b Q)].
    + apply (derive_sum D (fun d e => Wx (q e) k j d * x (q e) t d)). intros d Hd.
      apply derive_mult; [now apply (velocity_Wx Q) | now apply (velocity_x Q)].
    + apply (derive_sum H (fun m e => Wh (q e) k j m * fst (hc e) m)). intros m Hm.
      apply (derive_mult (fun e => Wh (q e) k j m) (fun e => fst (hc e) m));
        [now apply (velocity_Wh Q) | now apply DH].
  - cbv beta. unfold preactivation', own'. rewrite !sum_plus. ring.
Qed.

Lemma derive_gate k j : (j < H)%nat ->
  is_derive (fun e => gate D H (q e) t (fst (hc e)) k j) e0 (gate' p v t h_prev h_prev' k j).
Proof.
  intros Hj.
  apply (derive_comp (activation k) (fun e => preactivation D H (q e) t (fst (hc e)) k j));
    [apply derive_activation | now apply derive_preactivation].
Qed.

Lemma derive_next_c j : (j < H)%nat ->
  is_derive (fun e => next_c D H (q e) t (fst (hc e)) (snd (hc e)) j) e0
            (next_c' p v t h_prev c_prev h_prev' c_prev' j).
Proof.
  intros Hj.
  apply (derive_plus (fun e => gate D H (q e) t (fst (hc e)) Bf j * snd (hc e) j)
           (fun e => gate D H (q e) t (fst (hc e)) Bi j * gate D H (q e) t (fst (hc e)) Bg j)).
  - apply (derive_mult (fun e => gate D H (q e) t (fst (hc e)) Bf j) (fun e => snd (hc e) j));
      [now apply derive_gate | now apply DC].
  - apply (derive_mult (fun e => gate D H (q e) t (fst (hc e)) Bi j)
             (fun e => gate D H (q e) t (fst (hc e)) Bg j)); now apply derive_gate.
Qed.

Lemma derive_next_h j : (j < H)%nat ->
  is_derive (fun e => next_h D H (q e) t (fst (hc e)) (snd (hc e)) j) e0
            (next_h' p v t h_prev c_prev h_prev' c_prev' j).
Proof.
  intros Hj.
  apply (derive_mult (fun e => gate D H (q e) t (fst (hc e)) Bo j)
           (fun e => tanh (next_c D H (q e) t (fst (hc e)) (snd (hc e)) j)));
    [now apply derive_gate |].
  apply (derive_comp tanh (fun e => next_c D H (q e) t (fst (hc e)) (snd (hc e)) j));
    [apply derive_tanh | now apply derive_next_c].
Qed.
End Step.

(** The induction over the steps. *)
Theorem derive_held_state T q e0 v : has_velocity D H T q e0 v ->
  forall t, (t <= T)%nat -> forall j, (j < H)%nat ->
    is_derive (fun e => fst (held_state D H edge (q e0) (q e) t) j) e0 (h' (q e0) v t j) /\
    is_derive (fun e => snd (held_state D H edge (q e0) (q e) t) j) e0 (c' (q e0) v t j).
Proof.
  intros Q t. induction t as [| t IH]; intros Ht.
  { intros j Hj. split; [now apply (velocity_h0 Q) | now apply (velocity_c0 Q)]. }
  assert (IHt := IH ltac:(lia)); clear IH.
  set (hc := fun e => if edge t then state D H (q e0) t else held_state D H edge (q e0) (q e) t).
  set (prev' := if edge t then (fun _ => 0, fun _ => 0) else state' (q e0) v t).
  assert (E0 : hc e0 = state D H (q e0) t).
  { unfold hc. rewrite held_at_itself. now destruct (edge t). }
  assert (DH : forall j, (j < H)%nat -> is_derive (fun e => fst (hc e) j) e0 (fst prev' j)).
  { intros j Hj. unfold hc, prev'. destruct (edge t); [apply derive_const | exact (proj1 (IHt j Hj))]. }
  assert (DC : forall j, (j < H)%nat -> is_derive (fun e => snd (hc e) j) e0 (snd prev' j)).
  { intros j Hj. unfold hc, prev'. destruct (edge t); [apply derive_const | exact (proj2 (IHt j Hj))]. }
  assert (t_in : (1 <= S t <= T)%nat) by lia.
  intros j Hj.
  assert (Nh := derive_next_h T q e0 v Q (S t) hc (fst prev') (snd prev') t_in DH DC j Hj).
  assert (Nc := derive_next_c T q e0 v Q (S t) hc (fst prev') (snd prev') t_in DH DC j Hj).
  rewrite E0 in Nh, Nc. split; assumption.
Qed.
End Tangent.
