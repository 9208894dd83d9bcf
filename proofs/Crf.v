(** * The linear-chain conditional random field

    E32: ln p(y) = score(y) − ln Z with Z = Σ_{y'} e^{score(y')}, over all sequences of T labels
    below K.  The gradient of the loss −ln p(y) is what the model expects minus what is there:
    in a weight, the expected number of times that a label sequence uses it, minus the number
    of times that y does. *)

From Coq Require Import Reals Arith Lia Lra List.
From Coquelicot Require Import Coquelicot.
Require Import Statement Sums Calculus Entries.
Open Scope R_scope.

(** The weights: emissions e_t[k], transitions A[k, l], and the scores of the two ends.  Places
    in a sentence count from 0 here, as indices do. *)
Record crf := mkCrf {
  emission : nat -> nat -> R; transition : nat -> nat -> R; start : vec; finish : vec }.

Section Crf.
Variables (K T : nat).

Definition label (y : list nat) (t : nat) : nat := nth t y 0%nat.

Definition score (w : crf) (y : list nat) : R :=
  start w (label y 0) + sum T (fun t => emission w t (label y t))
  + sum (pred T) (fun t => transition w (label y t) (label y (S t))) + finish w (label y (pred T)).

(** The sum over all sequences of [n] labels. *)
Fixpoint sum_labels (n : nat) (f : list nat -> R) : R :=
  match n with O => f nil | S m => sum K (fun k => sum_labels m (fun y => f (k :: y))) end.

Definition Z (w : crf) : R := sum_labels T (fun y => exp (score w y)).
Definition probability (w : crf) (y : list nat) : R := exp (score w y) / Z w.
Definition loss (w : crf) (y : list nat) : R := - ln (probability w y).             (* E32 *)

(** What the model expects of a quantity. *)
Definition expected (w : crf) (f : list nat -> R) : R :=
  sum_labels T (fun y => probability w y * f y).

(** ** Sums over label sequences *)

Lemma sum_labels_ext n f g : (forall y, f y = g y) -> sum_labels n f = sum_labels n g.
Proof. revert f g. induction n; simpl; intros f g E; [apply E | terms; now apply IHn]. Qed.
Lemma sum_labels_scal n a f : sum_labels n (fun y => a * f y) = a * sum_labels n f.
Proof.
  revert f. induction n; simpl; intros f; [easy |]. rewrite <- sum_scal_l. terms.
  apply (IHn (fun y => f (i :: y))).
Qed.
Lemma sum_labels_pos n f : (0 < K)%nat -> (forall y, 0 < f y) -> 0 < sum_labels n f.
Proof.
  intros HK. revert f. induction n; simpl; intros f P; [apply P |].
  assert (Q : forall k, 0 < sum_labels n (fun y => f (k :: y))) by auto.
  destruct K as [| k]; [lia |]. simpl.
  assert (0 <= sum k (fun k => sum_labels n (fun y => f (k :: y))))
    by (apply sum_nonneg; intros; left; apply Q).
  specialize (Q k). lra.
Qed.
Lemma derive_sum_labels n (f : list nat -> R -> R) df (e : R) :
  (forall y, (forall t, (label y t < K)%nat \/ (n <= t)%nat) -> is_derive (f y) e (df y)) ->
  is_derive (fun e => sum_labels n (fun y => f y e)) e (sum_labels n df).
Proof.
  revert f df. induction n; simpl; intros f df E; [apply E; intros; right; lia |].
  apply (derive_sum K (fun k e => sum_labels n (fun y => f (k :: y) e))). intros k Hk.
  apply (IHn (fun y => f (k :: y))). intros y Hy. apply E.
  intros [| t]; [now left |]. destruct (Hy t); [now left | right; lia].
Qed.

(** ** The loss along any curve of weights *)

(** The score is linear in the weights, so its velocity is the score of the velocity. *)
Definition weights_velocity (w : R -> crf) (e : R) (w' : crf) : Prop :=
  (forall t k, (t < T)%nat -> (k < K)%nat ->
     is_derive (fun e => emission (w e) t k) e (emission w' t k)) /\
  (forall k l, (k < K)%nat -> (l < K)%nat ->
     is_derive (fun e => transition (w e) k l) e (transition w' k l)) /\
  (forall k, (k < K)%nat -> is_derive (fun e => start (w e) k) e (start w' k)) /\
  (forall k, (k < K)%nat -> is_derive (fun e => finish (w e) k) e (finish w' k)).

Definition legal (y : list nat) : Prop := forall t, (t < T)%nat -> (label y t < K)%nat.

Lemma derive_score w e w' y : (1 <= T)%nat -> legal y -> weights_velocity w e w' ->
  is_derive (fun e => score (w e) y) e (score w' y).
Proof.
  intros T_pos Ly (De & Dt & Ds & Df).
  apply (derive_plus (fun e => start (w e) (label y 0)
    + sum T (fun t => emission (w e) t (label y t))
    + sum (pred T) (fun t => transition (w e) (label y t) (label y (S t)))));
    [| apply Df, Ly; lia].
  apply (derive_plus (fun e => start (w e) (label y 0)
    + sum T (fun t => emission (w e) t (label y t)))).
  - apply (derive_plus (fun e => start (w e) (label y 0))); [apply Ds, Ly; lia |].
    apply (derive_sum T (fun t e => emission (w e) t (label y t))). auto.
  - apply (derive_sum (pred T) (fun t e => transition (w e) (label y t) (label y (S t)))).
    intros t Ht. apply Dt; apply Ly; lia.
Qed.

Theorem derive_crf_loss w e0 w' y : (1 <= T)%nat -> legal y -> weights_velocity w e0 w' ->
  is_derive (fun e => loss (w e) y) e0 (expected (w e0) (score w') - score w' y).
Proof.
  intros T_pos Ly V.
  assert (HK : (0 < K)%nat) by (specialize (Ly 0%nat ltac:(lia)); lia).
  assert (P : forall w, 0 < Z w) by (intros; apply sum_labels_pos; auto using exp_pos).
  apply derive_ext with (fun e => ln (Z (w e)) + -1 * score (w e) y).
  { intros e. unfold loss, probability, Rdiv.
    rewrite ln_mult, ln_exp, ln_Rinv by (auto using exp_pos, Rinv_0_lt_compat). ring. }
  eapply derive_eq.
  - apply derive_plus; [| apply derive_scal; now apply (derive_score w e0 w')].
    apply (derive_comp ln (fun e => Z (w e))).
    + apply is_derive_Reals, derivable_pt_lim_ln, P.
    + apply (derive_sum_labels T (fun y e => exp (score (w e) y))). intros y' Hy'.
      apply (derive_comp exp (fun e => score (w e) y')).
      * apply is_derive_Reals, derivable_pt_lim_exp.
      * apply (derive_score w e0 w'); auto. intros t Ht. destruct (Hy' t); [assumption | lia].
  - transitivity (/ Z (w e0) * sum_labels T (fun y => exp (score (w e0) y) * score w' y)
                  + -1 * score w' y); [reflexivity |].
    rewrite <- sum_labels_scal. unfold expected.
    rewrite (sum_labels_ext T _ (fun y => probability (w e0) y * score w' y)); [ring |].
    intros y'. unfold probability, Rdiv. ring.
Qed.
End Crf.

(** ** The claim

    Expected count minus observed count, for each kind of weight. *)
Definition set_emission w t k e :=
  mkCrf (set2 (emission w) t k e) (transition w) (start w) (finish w).
Definition set_transition w k l e :=
  mkCrf (emission w) (set2 (transition w) k l e) (start w) (finish w).
Definition set_start w k e := mkCrf (emission w) (transition w) (set1 (start w) k e) (finish w).
Definition set_finish w k e := mkCrf (emission w) (transition w) (start w) (set1 (finish w) k e).

(** How often a label sequence uses transition (k, l). *)
Definition uses (T k l : nat) (y : list nat) : R :=
  sum (pred T) (fun t => onehot (label y t) k * onehot (label y (S t)) l).

(** The gradient of the loss of (E32). *)
Definition crf_gradient_is_expected_minus_observed : Prop :=
  forall K T w y, (1 <= T)%nat -> legal K T y ->
  (forall t k, (t < T)%nat -> (k < K)%nat ->
     is_derive (fun e => loss K T (set_emission w t k e) y) (emission w t k)
       (expected K T w (fun y' => onehot (label y' t) k) - onehot (label y t) k)) /\
  (forall k l, (k < K)%nat -> (l < K)%nat ->
     is_derive (fun e => loss K T (set_transition w k l e) y) (transition w k l)
       (expected K T w (uses T k l) - uses T k l y)) /\
  (forall k, (k < K)%nat ->
     is_derive (fun e => loss K T (set_start w k e) y) (start w k)
       (expected K T w (fun y' => onehot (label y' 0) k) - onehot (label y 0) k)) /\
  (forall k, (k < K)%nat ->
     is_derive (fun e => loss K T (set_finish w k e) y) (finish w k)
       (expected K T w (fun y' => onehot (label y' (pred T)) k) - onehot (label y (pred T)) k)).

Theorem crf_gradient : crf_gradient_is_expected_minus_observed.
Proof.
  intros K T w y T_pos Ly.
  (* A curve [q] through [w] whose velocity has the score [count] *)
  assert (entry : forall q e0 w' count, q e0 = w -> weights_velocity K T q e0 w' ->
            (forall y, score T w' y = count y) ->
            is_derive (fun e => loss K T (q e) y) e0 (expected K T w count - count y)).
  { intros q e0 w' count <- V E.
    eapply derive_eq; [exact (derive_crf_loss K T q e0 w' y T_pos Ly V) |].
    rewrite E. f_equal. apply sum_labels_ext. intros y'. now rewrite E. }
  pose (no2 := fun _ _ : nat => 0). pose (no1 := fun _ : nat => 0).
  refine (conj _ (conj _ (conj _ _))).
  - intros t k Ht Hk.
    apply (entry _ _ (mkCrf (fun t' k' => onehot t' t * onehot k' k) no2 no1 no1)).
    + unfold set_emission. rewrite set2_itself. now destruct w.
    + unfold weights_velocity, set_emission; simpl.
      refine (conj _ (conj _ (conj _ _))); intros; try apply derive_const. apply derive_set2.
    + intros y'. unfold score, no2, no1; simpl.
      rewrite (sum_zero (pred T)) by reflexivity.
      rewrite (sum_ext T _ (fun t' => onehot (label y' t') k * onehot t' t)) by (intros; ring).
      rewrite (sum_onehot T (fun t' => onehot (label y' t') k) t Ht). ring.
  - intros k l Hk Hl.
    apply (entry _ _ (mkCrf no2 (fun k' l' => onehot k' k * onehot l' l) no1 no1)).
    + unfold set_transition. rewrite set2_itself. now destruct w.
    + unfold weights_velocity, set_transition; simpl.
      refine (conj _ (conj _ (conj _ _))); intros; try apply derive_const. apply derive_set2.
    + intros y'. unfold score, uses, no2, no1; simpl. rewrite (sum_zero T) by reflexivity. ring.
  - intros k Hk. apply (entry _ _ (mkCrf no2 no2 (fun k' => onehot k' k) no1)).
    + unfold set_start. rewrite set1_itself. now destruct w.
    + unfold weights_velocity, set_start; simpl.
      refine (conj _ (conj _ (conj _ _))); intros; try apply derive_const. apply derive_set1.
    + intros y'. unfold score, no2, no1; simpl. rewrite !sum_zero by reflexivity. ring.
  - intros k Hk. apply (entry _ _ (mkCrf no2 no2 no1 (fun k' => onehot k' k))).
    + unfold set_finish. rewrite set1_itself. now destruct w.
    + unfold weights_velocity, set_finish; simpl.
      refine (conj _ (conj _ (conj _ _))); intros; try apply derive_const. apply derive_set1.
    + intros y'. unfold score, no2, no1; simpl. rewrite !sum_zero by reflexivity. ring.
Qed.
