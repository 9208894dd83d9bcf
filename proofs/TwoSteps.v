(** * A network of two units and two steps

    It refutes the mistakes that need a second step: those of the recurrent term, of the
    carousel, and of the sums over the steps.

    Unit 0 reads unit 1 through W_hg, and not the other way round, so that a transposed matrix
    shows.  The input x_1 = 1, x_2 = 0 sets f_1 = σ(ln 3) = 3/4 and f_2 = 1/2 in unit 0, and
    balances the recurrent term of its candidate, so that g = c = h = 0 at both steps. *)

From Coq Require Import Reals Arith Lia Lra.
From Coquelicot Require Import Coquelicot.
Require Import Statement Sums Calculus Truncation Recurrence Gradient LinearLoss Mistakes Refuted.
Open Scope R_scope.

Definition two_steps : params := mkParams
  (fun k j _ => match k, j with Bf, O => ln 3 | Bg, O => -1 | _, _ => 0 end)
  (fun k j i => match k, j, i with Bg, O, S O => 1 | _, _, _ => 0 end)
  (fun _ _ => 0)
  (fun t _ => match t with S O => 1 | _ => 0 end)
  (fun j => match j with S O => 1 | _ => 0 end) (fun _ => 0).

(** The loss 4 c_T of unit 0. *)
Definition last_cell : outputs :=
  mkOutputs (fun _ _ => 0) (fun _ => 0) (fun j => match j with O => 4 | _ => 0 end).

Local Notation p := two_steps.
Local Notation y k t j := (gate_at 1 2 p k t j).

(** ** The forward pass *)

(** While the candidate is 0, the cell stays 0 and outputs 0. *)
Lemma nothing_written t j : c 1 2 p t j = 0 -> y Bg (S t) j = 0 ->
  c 1 2 p (S t) j = 0 /\ h 1 2 p (S t) j = 0.
Proof.
  intros C G.
  assert (C1 : c 1 2 p (S t) j = 0).
  { change (c 1 2 p (S t) j) with (y Bf (S t) j * c 1 2 p t j + y Bi (S t) j * y Bg (S t) j).
    rewrite C, G. ring. }
  split; [assumption |].
  change (h 1 2 p (S t) j) with (y Bo (S t) j * tanh (c 1 2 p (S t) j)).
  rewrite C1, tanh_0. ring.
Qed.

Lemma g_1 j : y Bg 1%nat j = 0.
Proof.
  unfold gate_at, gate. change (activation Bg) with tanh. rewrite <- tanh_0. f_equal.
  change (h 1 2 p (pred 1)) with (h0 p).
  unfold preactivation. destruct j as [| j]; simpl; ring.
Qed.
Lemma state_1 j : c 1 2 p 1 j = 0 /\ h 1 2 p 1 j = 0.
Proof. apply nothing_written; [reflexivity | apply g_1]. Qed.

Lemma a_2 k j : preactivation 1 2 p 2 (h 1 2 p 1) k j = 0.
Proof. unfold preactivation. cbn [sum]. rewrite !(proj2 (state_1 _)). simpl. ring. Qed.
Lemma g_2 j : y Bg 2%nat j = 0.
Proof. unfold gate_at, gate. simpl pred. rewrite a_2. apply tanh_0. Qed.
Lemma state_2 j : c 1 2 p 2 j = 0 /\ h 1 2 p 2 j = 0.
Proof. apply nothing_written; [apply state_1 | apply g_2]. Qed.
Lemma gate_2 k j : k <> Bg -> y k 2%nat j = 1 / 2.
Proof.
  intros N. unfold gate_at, gate. simpl pred. rewrite a_2. destruct k; try easy; apply sigma_0.
Qed.

(** At the first step the forget gate of unit 0 is 3/4 and every other gate 1/2. *)
Lemma gate_1 k j : k <> Bg -> y k 1%nat j = match k, j with Bf, O => 3 / 4 | _, _ => 1 / 2 end.
Proof.
  intros N. unfold gate_at, gate.
  replace (preactivation 1 2 p 1 (h 1 2 p (pred 1)) k j)
    with (match k, j with Bf, O => ln 3 | _, _ => 0 end).
  - destruct k, j; try easy; try apply sigma_0. apply sigma_ln3.
  - change (h 1 2 p (pred 1)) with (h0 p).
    unfold preactivation. destruct k, j; try easy; simpl; ring.
Qed.

(** ** The backward pass

    Only the candidates receive a gradient, as g = tanh c = c = 0.  Without a mistake
    dc_2 = (4, 0), da^g_2 = (2, 0), dh_1 = (0, 2), dc_1 = (2, 1) and da^g_1 = (1, 1/2). *)

Definition seen_in_two_steps (m : mistake) : Prop :=
  match m with
  | NoMistake | RecurrentGradientDropped | RecurrentGradientTransposed
  | CarouselDropped | CarouselWithoutForget | CarouselForgetTooEarly
  | LastStepOnlyX | LastStepOnlyH | LastStepOnlyB => True
  | _ => False
  end.

Section Back.
Variables (m : mistake) (dh dc : nat -> vec) (da : block -> nat -> vec).
Hypothesis W : is_wrong_bptt m 1 2 2 p last_cell dh dc da.
Hypothesis seen : seen_in_two_steps m.

Lemma slope_g : wrong_slope m Bg 0 = 1.
Proof. unfold wrong_slope. destruct m; try destruct seen; simpl; ring. Qed.
Lemma cell_slope_0 : wrong_cell_slope m 0 = 1.
Proof. unfold wrong_cell_slope. destruct m; try destruct seen; ring. Qed.

Lemma dh_2 j : (j < 2)%nat -> dh 2%nat j = 0.
Proof. intros Hj. rewrite (W9_last W) by auto. destruct m; simpl; ring. Qed.
Lemma dc_2 j : (j < 2)%nat -> dc 2%nat j = match j with O => 4 | _ => 0 end.
Proof.
  intros Hj. rewrite (W11_last W), dh_2 by auto.
  destruct m; try destruct seen; simpl; ring.
Qed.

Lemma da_of_zero_cell k t j : (1 <= t <= 2)%nat -> (j < 2)%nat ->
  c 1 2 p t j = 0 -> c 1 2 p (pred t) j = 0 -> y Bg t j = 0 ->
  da k t j = match k with Bg => dc t j * (1 / 2) | _ => 0 end.
Proof.
  intros Ht Hj C C1 G. destruct k.
  - rewrite (W12 W), G by auto. ring.
  - rewrite (W13 W), C, C1 by auto. destruct m; ring.
  - rewrite (W14 W), G, slope_g by auto.
    replace (y Bi t j) with (1 / 2); [ring |].
    destruct t as [| [| [| t]]]; try lia; symmetry; [now apply gate_1 | now apply gate_2].
  - rewrite (W10 W), C, tanh_0 by auto. ring.
Qed.
Lemma da_2 k j : (j < 2)%nat -> da k 2%nat j = match k, j with Bg, O => 2 | _, _ => 0 end.
Proof.
  intros Hj. rewrite da_of_zero_cell by (auto; apply state_1 || apply state_2 || apply g_2).
  rewrite dc_2 by auto. destruct k, j; lra.
Qed.

Lemma to_h_2 j : (j < 2)%nat -> wrong_to_h m 2 p da 2 j =
  match m with RecurrentGradientTransposed => 0 | _ => match j with S O => 2 | _ => 0 end end.
Proof.
  intros Hj. unfold wrong_to_h, sum_blocks. cbn [sum]. rewrite !da_2 by lia.
  destruct j as [| [| j]]; [| | lia]; destruct m; simpl; ring.
Qed.
Lemma dh_1 j : (j < 2)%nat -> dh 1%nat j =
  match m with
  | RecurrentGradientDropped | RecurrentGradientTransposed => 0
  | _ => match j with S O => 2 | _ => 0 end
  end.
Proof.
  intros Hj. rewrite (W9 W 1%nat) by (auto; lia). rewrite to_h_2 by auto.
  destruct m; simpl; ring.
Qed.

Lemma dc_1 j : (j < 2)%nat -> dc 1%nat j = dh 1%nat j * (1 / 2) +
  match j with
  | O => match m with
         | CarouselDropped => 0 | CarouselWithoutForget => 4 | CarouselForgetTooEarly => 3
         | _ => 2
         end
  | _ => 0
  end.
Proof.
  intros Hj. rewrite (W11 W 1%nat) by (auto; lia).
  rewrite (proj1 (state_1 j)), tanh_0, cell_slope_0.
  unfold wrong_to_c. rewrite dc_2, !gate_2, !gate_1 by (auto; easy).
  destruct j as [| [| j]]; [| | lia]; destruct m; simpl; lra.
Qed.
Lemma da_1 k j : (j < 2)%nat -> da k 1%nat j = match k with Bg => dc 1%nat j * (1 / 2) | _ => 0 end.
Proof. intros Hj. apply da_of_zero_cell; auto; apply state_1 || apply g_1 || reflexivity. Qed.
End Back.

(** ** The refutations *)

Theorem refuted_in_two_steps m : m <> NoMistake -> seen_in_two_steps m -> refuted m.
Proof.
  intros N seen. apply (refuted_by m 1 2 2 p last_cell ltac:(lia)).
  intros dh dc da dh' dc' da' W W' (Sx & Sh & Sb & Sc).
  assert (E := dc_1 _ _ _ _ W seen). assert (E' := dc_1 _ _ _ _ W' I).
  assert (R := dh_1 _ _ _ _ W seen). assert (R' := dh_1 _ _ _ _ W' I).
  assert (A1 := da_1 _ _ _ _ W seen). assert (A1' := da_1 _ _ _ _ W' I).
  assert (A2 := da_2 _ _ _ _ W seen). assert (A2' := da_2 _ _ _ _ W' I).
  (* dc_0 of both units, and one entry each of dW_xg, dW_hg and db_g *)
  assert (C0 := Sc 0%nat ltac:(lia)). assert (C1 := Sc 1%nat ltac:(lia)).
  assert (X := Sx Bg 0%nat 0%nat ltac:(lia) ltac:(lia)).
  assert (K := Sh Bg 0%nat 1%nat ltac:(lia) ltac:(lia)).
  assert (F := Sb Bg 0%nat ltac:(lia)).
  cbn [c0 Wx Wh b wrong_grad] in C0, C1, X, K, F. unfold wrong_to_c, sum_steps in *. cbn [sum] in *.
  rewrite !gate_1, !E, !R, !E', !R' in C0, C1 by (lia || easy).
  rewrite !A2, !A2', !A1, !A1', !E, !E', !R, !R' in X, K, F by lia.
  rewrite (proj2 (state_1 1%nat)) in K.
  change (h 1 2 p (pred 1) 1%nat) with 1 in K.
  destruct m; try easy; simpl in *; lra.
Qed.

(** With windows of one step no gradient comes from step 2: dc_1 = 0, and dc_0 of unit 0 is 0
    instead of 3/2. *)
Theorem truncation_ignored : truncation_ignored_is_refuted.
Proof.
  destruct (backward_pass 1%nat 2%nat 2%nat p last_cell ltac:(lia)) as (dh & dc & da & B).
  destruct (truncated_pass 1%nat 2%nat (window 1) 2%nat p last_cell ltac:(lia)) as (dh' & dc' & da' & B').
  assert (LG := linear_loss 2 2 last_cell (run 1 2 2 p)).
  exists 1%nat, 2%nat, 1%nat, 2%nat, (dot_outputs 2 2 last_cell), p, last_cell, dh, dc, da.
  split; [lia |]. refine (conj LG (conj B _)). intros uncut.
  assert (cut := truncation 1%nat 2%nat (window 1) 2%nat _ p last_cell dh' dc' da' ltac:(lia) eq_refl LG B').
  destruct (gradient_unique 1 2 2 _ p _ _ uncut cut) as (_ & _ & _ & C0).
  assert (E := C0 0%nat ltac:(lia)). clear C0. cbn [c0 grad] in E.
  apply without_mistake in B.
  rewrite (dc_1 _ _ _ _ B I), (dh_1 _ _ _ _ B I) in E by lia.
  rewrite (T11_edge B' 1%nat), (T9_edge B' 1%nat) in E
    by (lia || reflexivity).
  rewrite gate_1 in E by easy. simpl in E. lra.
Qed.
