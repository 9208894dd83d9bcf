(** * Softmax and cross-entropy

    E20–E21: z_t = W_y h_t + b_y, p_t = softmax(z_t), L = −(1/N) Σ_t m_t ln p_t[y_t].  The
    gradient of L in the logits is m_t (p_t − onehot(y_t)) / N, and with it the theorem about
    the LSTM covers a whole language model: weights, inputs, initial state and the head. *)

From Coq Require Import Reals Arith Lia Lra.
From Coquelicot Require Import Coquelicot.
Require Import Statement Sums Calculus Truncation Tangent Adjoint Entries Loss Gradient.
Open Scope R_scope.

Section Head.
Variables (H V T : nat).

(** The head's parameters. *)
Record head := mkHead { Wy : nat -> nat -> R; b_y : vec }.

(** The targets y_t < V, and m_t / N, the weight of step t. *)
Variables (target : nat -> nat) (weight : nat -> R).

Definition logits (w : head) (h_t : vec) (v : nat) : R :=                           (* E20 *)
  sum H (fun j => Wy w v j * h_t j) + b_y w v.
Definition softmax (z : vec) (v : nat) : R := exp (z v) / sum V (fun u => exp (z u)). (* E20 *)

Definition cross_entropy (w : head) (y : outputs) : R :=                            (* E21 *)
  - sum_steps T (fun t => weight t * ln (softmax (logits w (each_h y t)) (target t))).

Definition dz (w : head) (y : outputs) (t v : nat) : R :=                           (* E21 *)
  weight t * (softmax (logits w (each_h y t)) v - onehot v (target t)).

(** What the head passes to h_t, W_yᵀ dz_t; it does not look at h_T or c_T again. *)
Definition head_gradient (w : head) (y : outputs) : outputs := mkOutputs
  (fun t j => sum V (fun v => Wy w v j * dz w y t v)) (fun _ => 0) (fun _ => 0).

(** dW_y = Σ_t dz_t h_tᵀ and db_y = Σ_t dz_t. *)
Definition dWy (w : head) (y : outputs) (v j : nat) : R :=
  sum_steps T (fun t => dz w y t v * each_h y t j).
Definition db_y (w : head) (y : outputs) (v : nat) : R := sum_steps T (fun t => dz w y t v).

(** ** The derivative of −ln softmax along any curve of logits *)

Hypothesis targets : forall t, (1 <= t <= T)%nat -> (target t < V)%nat.

Lemma sum_exp_pos (z : vec) : (0 < V)%nat -> 0 < sum V (fun u => exp (z u)).
Proof.
  intros HV. destruct V as [| n]; [lia |]. simpl.
  assert (P := sum_nonneg n (fun u => exp (z u)) ltac:(intros; left; apply exp_pos)).
  assert (Q := exp_pos (z n)). lra.
Qed.

Lemma derive_ln_softmax (z : R -> vec) (e0 : R) (z' : vec) (y : nat) : (y < V)%nat ->
  (forall v, (v < V)%nat -> is_derive (fun e => z e v) e0 (z' v)) ->
  is_derive (fun e => ln (softmax (z e) y)) e0
            (- sum V (fun v => (softmax (z e0) v - onehot v y) * z' v)).
Proof.
  intros Hy Dz. assert (HV : (0 < V)%nat) by lia.
  apply derive_ext with (fun e => z e y + -1 * ln (sum V (fun u => exp (z e u)))).
  { intros e. assert (P := sum_exp_pos (z e) HV). unfold softmax, Rdiv.
    rewrite ln_mult, ln_exp, ln_Rinv by (auto using exp_pos, Rinv_0_lt_compat). lra. }
  assert (P := sum_exp_pos (z e0) HV).
  eapply derive_eq.
  - apply (derive_plus (fun e => z e y)); [now apply Dz |]. apply derive_scal.
    apply (derive_comp ln (fun e => sum V (fun u => exp (z e u)))).
    + apply is_derive_Reals. now apply derivable_pt_lim_ln.
    + apply (derive_sum V (fun u e => exp (z e u))). intros u Hu.
      apply (derive_comp exp (fun e => z e u)); [| now apply Dz].
      apply is_derive_Reals, derivable_pt_lim_exp.
  - transitivity (z' y - sum V (fun v => softmax (z e0) v * z' v)).
    + rewrite (sum_ext V (fun v => softmax (z e0) v * z' v)
        (fun v => / sum V (fun u => exp (z e0 u)) * (exp (z e0 v) * z' v)))
        by (intros; unfold softmax; field; lra).
      rewrite sum_scal_l. ring.
    + rewrite <- (sum_onehot V z' y Hy) at 1. rewrite <- sum_minus.
      transitivity (-1 * sum V (fun v => (softmax (z e0) v - onehot v y) * z' v)); [| ring].
      rewrite <- sum_scal_l. terms; ring.
Qed.

(** ** The loss along a curve of heads and of outputs *)

Theorem derive_cross_entropy (w : R -> head) (y : R -> outputs) (e0 : R) (w' : head) (y' : outputs) :
  (forall v j, (v < V)%nat -> (j < H)%nat -> is_derive (fun e => Wy (w e) v j) e0 (Wy w' v j)) ->
  (forall v, (v < V)%nat -> is_derive (fun e => b_y (w e) v) e0 (b_y w' v)) ->
  (forall t j, (1 <= t <= T)%nat -> (j < H)%nat ->
     is_derive (fun e => each_h (y e) t j) e0 (each_h y' t j)) ->
  is_derive (fun e => cross_entropy (w e) (y e)) e0
    (sum_steps T (fun t => sum V (fun v => dz (w e0) (y e0) t v *
      (sum H (fun j => Wy w' v j * each_h (y e0) t j + Wy (w e0) v j * each_h y' t j) + b_y w' v)))).
Proof.
  intros DW Db Dh.
  apply derive_ext with (fun e =>
    -1 * sum_steps T (fun t => weight t * ln (softmax (logits (w e) (each_h (y e) t)) (target t)))).
  { intros e. unfold cross_entropy. ring. }
  eapply derive_eq.
  - apply derive_scal.
    apply (derive_sum_steps T (fun t e =>
      weight t * ln (softmax (logits (w e) (each_h (y e) t)) (target t)))).
    intros t Ht. apply derive_scal.
    apply (derive_ln_softmax (fun e => logits (w e) (each_h (y e) t)) e0
      (fun v => sum H (fun j => Wy w' v j * each_h (y e0) t j + Wy (w e0) v j * each_h y' t j)
                + b_y w' v)); [now apply targets |].
    intros v Hv. apply (derive_plus (fun e => sum H (fun j => Wy (w e) v j * each_h (y e) t j)));
      [| now apply Db].
    apply (derive_sum H (fun j e => Wy (w e) v j * each_h (y e) t j)). intros j Hj.
    apply (derive_mult (fun e => Wy (w e) v j) (fun e => each_h (y e) t j)); auto.
  - unfold sum_steps. rewrite <- sum_scal_l. apply sum_ext; intros t _.
    transitivity (weight (S t) * sum V (fun v =>
      (softmax (logits (w e0) (each_h (y e0) (S t))) v - onehot v (target (S t))) *
      (sum H (fun j => Wy w' v j * each_h (y e0) (S t) j + Wy (w e0) v j * each_h y' (S t) j)
       + b_y w' v))); [ring |].
    rewrite <- sum_scal_l. apply sum_ext; intros v _. unfold dz. ring.
Qed.

(** For the outputs alone: W_yᵀ dz_t is the gradient on h_t. *)
Theorem head_gradient_along_curves (w : head) (y0 : outputs) :
  gradient_along_curves H T (cross_entropy w) y0 (head_gradient w y0).
Proof.
  intros y e0 y' <- Y.
  eapply derive_eq.
  - apply (derive_cross_entropy (fun _ => w) y e0 (mkHead (fun _ _ => 0) (fun _ => 0)) y');
      intros; try apply derive_const. now apply (velocity_each_h Y).
  - unfold dot_outputs, head_gradient; cbn [each_h last_h last_c Wy b_y].
    rewrite !(sum_zero H (fun j => 0 * _ j)) by (intros; ring).
    rewrite !Rplus_0_r. apply sum_steps_ext; intros t _.
    rewrite <- (transpose V H (Wy w) (each_h y' t) (dz w (y e0) t)).
    apply sum_ext; intros v _. f_equal. rewrite Rplus_0_r. apply sum_ext; intros; ring.
Qed.
End Head.

(** ** The claims *)

(** The LSTM under the head (E20, E21): the backward pass, started with W_yᵀ dz_t, computes the
    gradient. *)
Definition language_model_gradient : Prop :=
  forall D H V T target weight w p dh dc da, (1 <= T)%nat ->
  (forall t, (1 <= t <= T)%nat -> (target t < V)%nat) ->
  is_bptt D H T p (head_gradient H V target weight w (run D H T p)) dh dc da ->
  is_gradient D H T (fun q => cross_entropy H V T target weight w (run D H T q)) p
              (grad D H T p dc da).

Definition set_Wy w v j e := mkHead (set2 (Wy w) v j e) (b_y w).
Definition set_b_y w v e := mkHead (Wy w) (set1 (b_y w) v e).

(** The head's own weights (E20, E21). *)
Definition head_weights_gradient : Prop :=
  forall H V T target weight w y,
  (forall t, (1 <= t <= T)%nat -> (target t < V)%nat) ->
  (forall v j, (v < V)%nat -> (j < H)%nat ->
     is_derive (fun e => cross_entropy H V T target weight (set_Wy w v j e) y) (Wy w v j)
               (dWy H V T target weight w y v j)) /\
  (forall v, (v < V)%nat ->
     is_derive (fun e => cross_entropy H V T target weight (set_b_y w v e) y) (b_y w v)
               (db_y H V T target weight w y v)).

Theorem language_model : language_model_gradient.
Proof.
  intros D H V T target weight w p dh dc da T_pos targets B. apply gradient_entries.
  eapply bptt_in_all_directions; eauto. now apply head_gradient_along_curves.
Qed.

Theorem head_weights : head_weights_gradient.
Proof.
  intros H V T target weight w y targets. split.
  - intros v j Hv Hj. eapply derive_eq.
    + apply (derive_cross_entropy H V T target weight targets (set_Wy w v j) (fun _ => y) (Wy w v j)
        (mkHead (fun v' j' => onehot v' v * onehot j' j) (fun _ => 0))
        (mkOutputs (fun _ _ => 0) (fun _ => 0) (fun _ => 0)));
        intros; simpl; try apply derive_const. apply derive_set2.
    + unfold set_Wy. rewrite set2_itself. destruct w as [W B]; cbn [Wy b_y each_h].
      apply sum_steps_ext; intros t _.
      rewrite <- (sum_onehot V (fun v' => dz H V target weight (mkHead W B) y t v' * each_h y t j) v Hv).
      apply sum_ext; intros v' _.
      rewrite <- (sum_onehot H (fun j' => each_h y t j') j Hj).
      rewrite Rplus_0_r, Rmult_assoc, <- sum_scal_r. f_equal. apply sum_ext; intros; ring.
  - intros v Hv. eapply derive_eq.
    + apply (derive_cross_entropy H V T target weight targets (set_b_y w v) (fun _ => y) (b_y w v)
        (mkHead (fun _ _ => 0) (fun v' => onehot v' v))
        (mkOutputs (fun _ _ => 0) (fun _ => 0) (fun _ => 0)));
        intros; simpl; try apply derive_const. apply derive_set1.
    + unfold set_b_y. rewrite set1_itself. destruct w as [W B]; cbn [Wy b_y each_h].
      apply sum_steps_ext; intros t _.
      rewrite <- (sum_onehot V (dz H V target weight (mkHead W B) y t) v Hv).
      apply sum_ext; intros v' _. f_equal.
      rewrite (sum_zero H) by (intros; ring). ring.
Qed.
