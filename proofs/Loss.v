(** * The chain rule for a loss of many outputs

    The loss is differentiable where the network's outputs are.  If the outputs run along
    differentiable curves, then the loss has the derivative that the chain rule says. *)

From Coq Require Import Reals Arith Lia Lra.
From Coquelicot Require Import Coquelicot.
Require Import Statement Sums Calculus.
Open Scope R_scope.

(** ** Moves at most proportional to the change of the parameter *)

Definition at_most_linear (f : R -> R) (e0 : R) : Prop :=
  exists K d, 0 <= K /\ 0 < d /\
  forall e, Rabs (e - e0) < d -> Rabs (f e) <= K * Rabs (e - e0).

Lemma at_most_linear_plus f g e0 :
  at_most_linear f e0 -> at_most_linear g e0 -> at_most_linear (fun e => f e + g e) e0.
Proof.
  intros (K & d & HK & Hd & E) (K2 & d2 & HK2 & Hd2 & E2).
  exists (K + K2), (Rmin d d2). refine (conj _ (conj _ _)); [lra | now apply Rmin_pos |].
  intros e He. assert (A1 := Rmin_l d d2). assert (A2 := Rmin_r d d2).
  assert (B1 := E e ltac:(lra)). assert (B2 := E2 e ltac:(lra)).
  eapply Rle_trans; [apply Rabs_triang | lra].
Qed.

Lemma at_most_linear_sum n f e0 : (forall i, (i < n)%nat -> at_most_linear (f i) e0) ->
  at_most_linear (fun e => sum n (fun i => f i e)) e0.
Proof.
  induction n; simpl; intros E.
  - exists 0, 1. refine (conj _ (conj _ _)); [lra | lra |]. intros; rewrite Rabs_R0; lra.
  - apply at_most_linear_plus; auto.
Qed.

(** A differentiable function is. *)
Lemma at_most_linear_derive f e0 l :
  is_derive f e0 l -> at_most_linear (fun e => Rabs (f e - f e0)) e0.
Proof.
  rewrite is_derive_Reals. intros Hf. destruct (Hf 1 Rlt_0_1) as [d Hd].
  exists (Rabs l + 1), d. assert (P := Rabs_pos l).
  refine (conj _ (conj _ _)); [lra | apply cond_pos |].
  intros e He. rewrite Rabs_Rabsolu. destruct (Req_dec e e0) as [-> | N].
  { rewrite !Rminus_eq_0, Rabs_R0; lra. }
  assert (X := Hd (e - e0) ltac:(lra) He). replace (e0 + (e - e0)) with e in X by ring.
  replace (f e - f e0) with (((f e - f e0) / (e - e0) - l + l) * (e - e0)) by (field; lra).
  rewrite Rabs_mult. apply Rmult_le_compat_r; [apply Rabs_pos |].
  eapply Rle_trans; [apply Rabs_triang | lra].
Qed.

(** ** The ε–δ argument

    [F] differs from [lin] by little beside [size], and [size] moves at most linearly.  So [F]
    has the derivative of [lin]. *)
Lemma derive_from_linear_part (F lin size : R -> R) e0 l :
  is_derive lin e0 l -> lin e0 = 0 -> at_most_linear size e0 ->
  (forall eps, 0 < eps -> exists delta, 0 < delta /\
     forall e, size e < delta -> Rabs (F e - F e0 - lin e) <= eps * size e) ->
  is_derive F e0 l.
Proof.
  intros Dl L0 (K & d & HK & Hd & Hsize) HF.
  rewrite is_derive_Reals in *. intros eps Heps.
  destruct (Dl (eps / 2) ltac:(lra)) as [d1 Hd1].
  (* The error is to be at most ε/4 of the step, and the size is at most K + 1 steps. *)
  set (eta := eps / (4 * (K + 1))).
  assert (Heta : 0 < eta) by (unfold eta; apply Rdiv_lt_0_compat; lra).
  destruct (HF eta Heta) as (d2 & Hd2 & HF2).
  set (d3 := d2 / (K + 1)).
  assert (Hd3 : 0 < d3) by (unfold d3; apply Rdiv_lt_0_compat; lra).
  assert (Hm : 0 < Rmin d1 (Rmin d d3)) by (apply Rmin_pos; [apply cond_pos | now apply Rmin_pos]).
  exists (mkposreal _ Hm). simpl. intros u Hu Hu2.
  assert (M1 := Rmin_l d1 (Rmin d d3)). assert (M2 := Rmin_r d1 (Rmin d d3)).
  assert (M3 := Rmin_l d d3). assert (M4 := Rmin_r d d3).
  assert (PU : 0 < Rabs u) by now apply Rabs_pos_lt.
  assert (X1 := Hd1 u Hu ltac:(lra)). rewrite L0, Rminus_0_r in X1.
  assert (X2 := Hsize (e0 + u)). replace (e0 + u - e0) with u in X2 by ring.
  assert (X3 := X2 ltac:(lra)). assert (X4 := Rle_abs (size (e0 + u))).
  assert (X5 : (K + 1) * Rabs u < d2).
  { replace d2 with ((K + 1) * d3) by (unfold d3; field; lra). apply Rmult_lt_compat_l; lra. }
  assert (X6 := HF2 (e0 + u) ltac:(lra)).
  assert (X7 : eta * size (e0 + u) <= eps / 4 * Rabs u).
  { apply Rle_trans with (eta * ((K + 1) * Rabs u)); [apply Rmult_le_compat_l; lra |].
    unfold eta. apply Req_le. field. lra. }
  replace ((F (e0 + u) - F e0) / u - l)
    with ((F (e0 + u) - F e0 - lin (e0 + u)) / u + (lin (e0 + u) / u - l)) by (field; lra).
  eapply Rle_lt_trans; [apply Rabs_triang |].
  assert (X8 : Rabs ((F (e0 + u) - F e0 - lin (e0 + u)) / u) <= eps / 4).
  { unfold Rdiv at 1. rewrite Rabs_mult, Rabs_inv.
    apply Rmult_le_reg_r with (Rabs u); [assumption |]. rewrite Rmult_assoc, Rinv_l by lra. lra. }
  lra.
Qed.

(** ** Curves of outputs *)

Section Curves.
Variables (H T : nat).

(** The curve [y] of outputs has the velocity [y'] at [e0], in every entry that the loss reads. *)
Record outputs_velocity (y : R -> outputs) (e0 : R) (y' : outputs) : Prop := {
  velocity_each_h : forall t j, (1 <= t <= T)%nat -> (j < H)%nat ->
    is_derive (fun e => each_h (y e) t j) e0 (each_h y' t j);
  velocity_last_h : forall j, (j < H)%nat -> is_derive (fun e => last_h (y e) j) e0 (last_h y' j);
  velocity_last_c : forall j, (j < H)%nat -> is_derive (fun e => last_c (y e) j) e0 (last_c y' j) }.

(** Along every such curve the loss moves by the dot product of [G] with the velocity. *)
Definition gradient_along_curves (L : outputs -> R) (y0 G : outputs) : Prop :=
  forall y e0 y', y e0 = y0 -> outputs_velocity y e0 y' ->
  is_derive (fun e => L (y e)) e0 (dot_outputs H T G y').

(** The three parts of the outputs, treated alike. *)
Lemma derive_dot_outputs G y e0 y' : outputs_velocity y e0 y' ->
  is_derive (fun e => dot_outputs H T G (difference (y e) (y e0))) e0 (dot_outputs H T G y').
Proof.
  intros [Vh Vl Vc].
  assert (entry : forall (a : R) f l, is_derive f e0 l ->
            is_derive (fun e => a * (f e - f e0)) e0 (a * l)).
  { intros a f l Hf. apply derive_scal. eapply derive_eq.
    - apply (derive_plus f (fun _ => - f e0)); [exact Hf | apply derive_const].
    - ring. }
  assert (part : forall (a : vec) (f : R -> vec) (f' : vec),
            (forall j, (j < H)%nat -> is_derive (fun e => f e j) e0 (f' j)) ->
            is_derive (fun e => sum H (fun j => a j * (f e j - f e0 j))) e0
                      (sum H (fun j => a j * f' j))).
  { intros a f f' Hf. apply (derive_sum H (fun j e => a j * (f e j - f e0 j))). intros j Hj.
    apply (entry (a j) (fun e => f e j)), Hf, Hj. }
  unfold dot_outputs, difference; cbn [each_h last_h last_c].
  apply (derive_plus
    (fun e => sum_steps T (fun t => sum H (fun j => each_h G t j * (each_h (y e) t j - each_h (y e0) t j)))
              + sum H (fun j => last_h G j * (last_h (y e) j - last_h (y e0) j)))).
  - apply (derive_plus
      (fun e => sum_steps T (fun t => sum H (fun j => each_h G t j * (each_h (y e) t j - each_h (y e0) t j))))).
    + apply (derive_sum_steps T
        (fun t e => sum H (fun j => each_h G t j * (each_h (y e) t j - each_h (y e0) t j)))).
      intros t Ht. apply (part (each_h G t) (fun e => each_h (y e) t)). auto.
    + now apply (part (last_h G) (fun e => last_h (y e))).
  - now apply (part (last_c G) (fun e => last_c (y e))).
Qed.

Lemma size_at_most_linear y e0 y' : outputs_velocity y e0 y' ->
  at_most_linear (fun e => size_outputs H T (difference (y e) (y e0))) e0.
Proof.
  intros [Vh Vl Vc].
  assert (part : forall (f : R -> vec) (f' : vec),
            (forall j, (j < H)%nat -> is_derive (fun e => f e j) e0 (f' j)) ->
            at_most_linear (fun e => sum H (fun j => Rabs (f e j - f e0 j))) e0).
  { intros f f' Hf. apply (at_most_linear_sum H (fun j e => Rabs (f e j - f e0 j))). intros j Hj.
    exact (at_most_linear_derive (fun e => f e j) e0 (f' j) (Hf j Hj)). }
  unfold size_outputs, difference; cbn [each_h last_h last_c].
  apply at_most_linear_plus; [apply at_most_linear_plus |].
  - apply (at_most_linear_sum T
      (fun t e => sum H (fun j => Rabs (each_h (y e) (S t) j - each_h (y e0) (S t) j)))).
    intros t Ht. apply (part (fun e => each_h (y e) (S t)) (each_h y' (S t))).
    intros; apply Vh; auto; lia.
  - exact (part (fun e => last_h (y e)) (last_h y') Vl).
  - exact (part (fun e => last_c (y e)) (last_c y') Vc).
Qed.

(** The chain rule: a Fréchet gradient is a gradient along curves. *)
Theorem loss_chain L y0 G : loss_gradient H T L y0 G -> gradient_along_curves L y0 G.
Proof.
  intros LG y e0 y' <- V.
  apply (derive_from_linear_part _
    (fun e => dot_outputs H T G (difference (y e) (y e0)))
    (fun e => size_outputs H T (difference (y e) (y e0)))).
  - now apply derive_dot_outputs.
  - unfold dot_outputs, difference; cbn [each_h last_h last_c]. unfold sum_steps.
    rewrite (sum_zero T).
    { rewrite !(sum_zero H) by (intros; ring). ring. }
    intros t _. apply sum_zero. intros; ring.
  - eapply size_at_most_linear; eauto.
  - intros eps Heps. destruct (LG eps Heps) as (delta & Hd & E).
    exists delta. split; [assumption |]. intros e He. exact (E (y e) He).
Qed.
End Curves.

Arguments velocity_each_h {H T y e0 y'}.
Arguments velocity_last_h {H T y e0 y'}.
Arguments velocity_last_c {H T y e0 y'}.
