(** * A network of one unit and one step

    It refutes every mistake that a single step shows: the slopes, the gradients on h_T and c_T,
    c_t for c_{t−1}, h_t for h_{t−1}, and the bias gradient of another gate.

    All weights are zero, so a gate is what its bias makes it: i = f = o = 1/2 and
    g = tanh(ln 3) = 4/5.  The cell starts from 2 ln 3 − 4/5, so that c_1 = ln 3 and
    h_1 = 1/2 · 4/5 = 2/5. *)

From Coq Require Import Reals Arith Lia Lra.
Require Import Statement Sums Calculus Mistakes Refuted.
Open Scope R_scope.

Definition start : R := 2 * ln 3 - 4 / 5.

Definition one_step : params := mkParams
  (fun _ _ _ => 0) (fun _ _ _ => 0)
  (fun k _ => match k with Bg => ln 3 | _ => 0 end)
  (fun _ _ => 0) (fun _ => 1) (fun _ => start).

(** The loss h_T + c_T. *)
Definition both_last : outputs := mkOutputs (fun _ _ => 0) (fun _ => 1) (fun _ => 1).

Local Notation p := one_step.
Local Notation y k := (gate_at 1 1 p k 1%nat 0%nat).

(** A gate is the activation of its bias. *)
Lemma gate_is k : y k = activation k (b p k 0%nat).
Proof.
  unfold gate_at, gate. f_equal. change (h 1 1 p (pred 1)) with (h0 p).
  unfold preactivation. simpl. ring.
Qed.
Lemma gate_i : y Bi = 1 / 2.
Proof. rewrite gate_is. apply sigma_0. Qed.
Lemma gate_f : y Bf = 1 / 2.
Proof. rewrite gate_is. apply sigma_0. Qed.
Lemma gate_g : y Bg = 4 / 5.
Proof. rewrite gate_is. apply tanh_ln3. Qed.
Lemma gate_o : y Bo = 1 / 2.
Proof. rewrite gate_is. apply sigma_0. Qed.

Lemma c_0 : c 1 1 p 0 0%nat = start.
Proof. reflexivity. Qed.
Lemma c_1 : c 1 1 p 1 0%nat = ln 3.
Proof.
  change (c 1 1 p 1 0%nat) with (y Bf * c 1 1 p 0 0%nat + y Bi * y Bg).
  rewrite gate_f, gate_i, gate_g, c_0. unfold start. lra.
Qed.
Lemma h_0 : h 1 1 p 0 0%nat = 1.
Proof. reflexivity. Qed.
Lemma h_1 : h 1 1 p 1 0%nat = 2 / 5.
Proof.
  change (h 1 1 p 1 0%nat) with (y Bo * tanh (c 1 1 p 1 0%nat)).
  rewrite gate_o, c_1, tanh_ln3. lra.
Qed.

(** The backward pass with any mistake.  Without one, dh_1 = 1, dc_1 = 59/50 and
    da = (59/250, 59/200 · c_0, 531/2500, 1/5). *)
Section Back.
Variables (m : mistake) (dh dc : nat -> vec) (da : block -> nat -> vec).
Hypothesis W : is_wrong_bptt m 1 1 1 p both_last dh dc da.
Let u : R := match m with LastHIgnored => 0 | _ => 1 end.
Let w : R := u * (1 / 2) * (match m with CellSlopeMissing => 1 | _ => 9 / 25 end)
             + match m with LastCIgnored => 0 | _ => 1 end.

Lemma back_dh : dh 1%nat 0%nat = u.
Proof. rewrite (W9_last W) by lia. unfold u. destruct m; simpl; ring. Qed.
Lemma back_dc : dc 1%nat 0%nat = w.
Proof.
  rewrite (W11_last W), back_dh, gate_o, c_1, tanh_ln3 by lia.
  unfold w. destruct m; simpl; field.
Qed.
Lemma back_o : da Bo 1%nat 0%nat = u * (4 / 5) * wrong_slope m Bo (1 / 2).
Proof. rewrite (W10 W), back_dh, gate_o, c_1, tanh_ln3 by lia. reflexivity. Qed.
Lemma back_i : da Bi 1%nat 0%nat = w * (4 / 5) * wrong_slope m Bi (1 / 2).
Proof. rewrite (W12 W), back_dc, gate_g, gate_i by lia. reflexivity. Qed.
Lemma back_f : da Bf 1%nat 0%nat =
  w * match m with ForgetReadsNewCell => ln 3 | _ => start end * wrong_slope m Bf (1 / 2).
Proof. rewrite (W13 W), back_dc, gate_f, c_1 by lia. reflexivity. Qed.
Lemma back_g : da Bg 1%nat 0%nat = w * (1 / 2) * wrong_slope m Bg (4 / 5).
Proof. rewrite (W14 W), back_dc, gate_g, gate_i by lia. reflexivity. Qed.
End Back.

(** What this network shows. *)
Definition seen_in_one_step (m : mistake) : Prop :=
  match m with
  | SlopeMissing _ | CellSlopeMissing | LastHIgnored | LastCIgnored
  | ForgetReadsNewCell | WeightReadsNewH => True
  | BiasGradientFrom k l => k <> l
  | _ => False
  end.

Theorem refuted_in_one_step m : seen_in_one_step m -> refuted m.
Proof.
  intros seen. apply (refuted_by m 1 1 1 p both_last (le_n 1)).
  intros dh dc da dh' dc' da' W W' (_ & Sh & Sb & _).
  assert (L := ln3_large).
  assert (Eo := back_o _ _ _ _ W). assert (Eo' := back_o _ _ _ _ W').
  assert (Ei := back_i _ _ _ _ W). assert (Ei' := back_i _ _ _ _ W').
  assert (Ef := back_f _ _ _ _ W). assert (Ef' := back_f _ _ _ _ W').
  assert (Eg := back_g _ _ _ _ W). assert (Eg' := back_g _ _ _ _ W').
  assert (Sw := Sh Bo 0%nat 0%nat ltac:(lia) ltac:(lia)). clear Sh.
  assert (Si := Sb Bi 0%nat ltac:(lia)). assert (Sf := Sb Bf 0%nat ltac:(lia)).
  assert (Sg := Sb Bg 0%nat ltac:(lia)). assert (So := Sb Bo 0%nat ltac:(lia)). clear Sb.
  unfold wrong_grad, sum_steps in *. simpl in Sw, Si, Sf, Sg, So.
  rewrite ?h_1, ?h_0 in Sw. unfold start in *.
  destruct m as [| | | | | | | | | k | | | k l | | |]; try destruct k; try destruct l;
    simpl in *; try contradiction; try lra.
Qed.
