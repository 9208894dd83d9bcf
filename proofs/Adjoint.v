(** * The backward pass is the transpose of the forward pass

    Take any direction [v].  The forward pass pushes it from step to step, as velocities
    h′_t and c′_t (Tangent.v).  The backward pass pulls the loss's gradient from step to step,
    as dh_t and dc_t.  Both compute one and the same number, the rate at which the loss
    changes in the direction [v]: the forward pass at its end, the backward pass at its start.

    The proof follows that number through the sequence.  In front of every step, the part of
    it that later steps will cause is

<<
      A_t = Σ_j (what comes back to h_t) h′_t + Σ_j (what comes back to c_t) c′_t.
>>

    One step trades it for A_{t−1} and the contribution of the step's own parameters. *)

From Coq Require Import Reals Arith Lia Lra.
Require Import Statement Sums Calculus Truncation Tangent.
Open Scope R_scope.

(** The dot product of two points of the parameter space. *)
Definition dot (D H T : nat) (g v : params) : R :=
  sum_blocks (fun k => sum H (fun j => sum D (fun d => Wx g k j d * Wx v k j d)))
  + sum_blocks (fun k => sum H (fun j => sum H (fun m => Wh g k j m * Wh v k j m)))
  + sum_blocks (fun k => sum H (fun j => b g k j * b v k j))
  + sum_steps T (fun t => sum D (fun d => x g t d * x v t d))
  + sum H (fun m => h0 g m * h0 v m)
  + sum H (fun j => c0 g j * c0 v j).

Section Adjoint.
Variables (D H T : nat) (edge : nat -> bool) (p v : params) (G : outputs).
Variables (dh dc : nat -> vec) (da : block -> nat -> vec).
Hypothesis B : is_truncated_bptt D H edge T p G dh dc da.
Hypothesis first_is_no_edge : edge 0%nat = false.
Hypothesis T_pos : (1 <= T)%nat.
Local Notation h := (h D H p).
Local Notation c := (c D H p).
Local Notation h' := (h' D H edge p v).
Local Notation c' := (c' D H edge p v).
Local Notation g k := (gate_at D H p k).

(** ** What comes back from later steps *)

Definition back_h (t j : nat) : R :=
  if Nat.eqb t T then last_h G j else
  if edge t then 0 else sum_blocks (fun k => sum H (fun m => Wh p k m j * da k (S t) m)).
Definition back_c (t j : nat) : R :=
  if Nat.eqb t T then last_c G j else if edge t then 0 else dc (S t) j * g Bf (S t) j.

Lemma back_h_last j : back_h T j = last_h G j.
Proof. unfold back_h. now rewrite Nat.eqb_refl. Qed.
Lemma back_c_last j : back_c T j = last_c G j.
Proof. unfold back_c. now rewrite Nat.eqb_refl. Qed.

(** E9 and E11, each in one line. *)
Lemma dh_is t j : (1 <= t <= T)%nat -> (j < H)%nat -> dh t j = each_h G t j + back_h t j.
Proof.
  intros Ht Hj. unfold back_h. destruct (Nat.eqb_spec t T) as [-> | N].
  - now apply (T9_last B).
  - destruct (edge t) eqn:E.
    + rewrite (T9_edge B) by (auto; lia). ring.
    + apply (T9 B); auto; lia.
Qed.
Lemma dc_is t j : (1 <= t <= T)%nat -> (j < H)%nat ->
  dc t j = dh t j * g Bo t j * (1 - tanh (c t j) ^ 2) + back_c t j.
Proof.
  intros Ht Hj. unfold back_c. destruct (Nat.eqb_spec t T) as [-> | N].
  - now apply (T11_last B).
  - destruct (edge t) eqn:E.
    + rewrite (T11_edge B) by (auto; lia). ring.
    + apply (T11 B); auto; lia.
Qed.

(** ** One unit, one step *)

(** The velocity with which step t + 1 starts: zero behind an edge. *)
Definition start_h' (t : nat) : vec := if edge t then fun _ => 0 else h' t.
Definition start_c' (t : nat) : vec := if edge t then fun _ => 0 else c' t.

Lemma h'_next t j : h' (S t) j = next_h' D H p v (S t) (h t) (c t) (start_h' t) (start_c' t) j.
Proof.
  unfold start_h', start_c', Tangent.h'. simpl. now destruct (edge t).
Qed.
Lemma c'_next t j : c' (S t) j = next_c' D H p v (S t) (h t) (c t) (start_h' t) (start_c' t) j.
Proof.
  unfold start_h', start_c', Tangent.c'. simpl. now destruct (edge t).
Qed.

(** The heart of the matter: the four equations E10, E12, E13, E14 are what the differentiated
    E6 and E7 need.  With all definitions unfolded it is an identity of polynomials. *)
Lemma one_unit t j : (S t <= T)%nat -> (j < H)%nat ->
  dh (S t) j * h' (S t) j + back_c (S t) j * c' (S t) j
  = sum_blocks (fun k => da k (S t) j * preactivation' D H p v (S t) (h t) (start_h' t) k j)
    + dc (S t) j * g Bf (S t) j * start_c' t j.
Proof.
  intros Ht Hj. unfold sum_blocks.
  rewrite (T10 B), (T12 B),
          (T13 B), (T14 B) by (auto; lia).
  rewrite (dc_is (S t) j) by (auto; lia).
  rewrite h'_next, c'_next. unfold next_h'.
  change (next_c D H p (S t) (h t) (c t) j) with (c (S t) j).
  unfold next_c', gate', slope, gate_at. change (pred (S t)) with t.
  ring.
Qed.

(** ** One layer, one step *)

(** What later steps cause, and what step t's own parameters cause. *)
Definition A (t : nat) : R :=
  sum H (fun j => back_h t j * h' t j) + sum H (fun j => back_c t j * c' t j).
Definition own (t : nat) : R :=
  sum_blocks (fun k => sum H (fun j => da k t j * own' D H p v t (h (pred t)) k j)).

(** Across W_hk the sum moves from rows to columns: this is where the transpose in E9 comes from. *)
Lemma through_recurrent_weights t :
  sum_blocks (fun k => sum H (fun j => da k (S t) j * sum H (fun m => Wh p k j m * start_h' t m)))
  = sum H (fun m =>
      sum_blocks (fun k => sum H (fun j => Wh p k j m * da k (S t) j)) * start_h' t m).
Proof.
  transitivity (sum_blocks (fun k =>
    sum H (fun m => sum H (fun j => Wh p k j m * da k (S t) j) * start_h' t m))).
  - apply sum_blocks_ext; intros k. apply transpose.
  - rewrite <- sum_blocks_swap. terms. now rewrite sum_blocks_scal_r.
Qed.

(** At an edge both sides of the trade are zero: the velocity is, and what comes back is. *)
Lemma before_the_step t : (S t <= T)%nat ->
  A t = sum H (fun m =>
          sum_blocks (fun k => sum H (fun j => Wh p k j m * da k (S t) j)) * start_h' t m)
        + sum H (fun j => dc (S t) j * g Bf (S t) j * start_c' t j).
Proof.
  intros Ht. unfold A, back_h, back_c, start_h', start_c'.
  destruct (Nat.eqb_spec t T); [lia |].
  destruct (edge t); [| reflexivity].
  now rewrite !(sum_zero H) by (intros; ring).
Qed.

Lemma one_step t : (S t <= T)%nat ->
  A (S t) + sum H (fun j => each_h G (S t) j * h' (S t) j) = own (S t) + A t.
Proof.
  intros Ht. rewrite (before_the_step t Ht). unfold A.
  transitivity (sum H (fun j => dh (S t) j * h' (S t) j + back_c (S t) j * c' (S t) j)).
  { rewrite <- !sum_plus. terms. rewrite dh_is by (auto; lia). ring. }
  rewrite (sum_ext _ _ _ (fun j Hj => one_unit t j Ht Hj)).
  rewrite sum_plus, <- Rplus_assoc. f_equal.
  rewrite <- through_recurrent_weights, sum_blocks_swap. unfold own, preactivation'.
  change (pred (S t)) with t.
  rewrite <- sum_blocks_plus. terms. rewrite <- sum_plus. terms. ring.
Qed.

(** ** All steps *)

Lemma telescope n : (n <= T)%nat ->
  A n + sum_steps n (fun t => sum H (fun j => each_h G t j * h' t j)) = sum_steps n own + A 0.
Proof.
  induction n as [| n IH]; intros Hn; unfold sum_steps in *; simpl; [ring |].
  assert (E := one_step n Hn). assert (I := IH ltac:(lia)). lra.
Qed.

(** ** Collecting the parameters' contributions: E15 and E16 *)

Local Notation grad := (grad D H T p dc da).

(** A weight is read at every step, so its gradient is a sum over the steps. *)
Lemma collect n u (w : nat -> nat -> R) (y : nat -> vec) (W' : nat -> nat -> R) :
  sum_steps T (fun t => sum n (fun j => w t j * sum u (fun d => W' j d * y t d)))
  = sum n (fun j => sum u (fun d => sum_steps T (fun t => w t j * y t d) * W' j d)).
Proof.
  unfold sum_steps. rewrite sum_swap. terms.
  transitivity (sum u (fun d => sum T (fun t => w (S t) i * (W' i d * y (S t) d)))).
  - rewrite <- sum_swap. terms. now rewrite sum_scal_l.
  - terms. rewrite <- sum_scal_r. terms; ring.
Qed.

Lemma collect_own : sum_steps T own =
  sum_blocks (fun k => sum H (fun j => sum D (fun d => Wx grad k j d * Wx v k j d)))
  + sum_blocks (fun k => sum H (fun j => sum H (fun m => Wh grad k j m * Wh v k j m)))
  + sum_blocks (fun k => sum H (fun j => b grad k j * b v k j))
  + sum_steps T (fun t => sum D (fun d => x grad t d * x v t d)).
Proof.
  transitivity (sum_blocks (fun k =>
    sum_steps T (fun t => sum H (fun j => da k t j * sum D (fun d => Wx v k j d * x p t d)))
    + sum_steps T (fun t => sum H (fun j => da k t j * sum H (fun m => Wh v k j m * h (pred t) m)))
    + sum_steps T (fun t => sum H (fun j => da k t j * b v k j))
    + sum_steps T (fun t => sum H (fun j => da k t j * sum D (fun d => Wx p k j d * x v t d))))).
  { unfold own, sum_steps. rewrite sum_blocks_swap. apply sum_blocks_ext; intros k.
    rewrite <- !sum_plus. terms. rewrite <- !sum_plus. terms. unfold own'. ring. }
  rewrite !sum_blocks_plus. f_equal; [f_equal; [f_equal |] |].
  - apply sum_blocks_ext; intros k. apply (collect H D (da k) (x p) (Wx v k)).
  - apply sum_blocks_ext; intros k. apply (collect H H (da k) (fun t => h (pred t)) (Wh v k)).
  - apply sum_blocks_ext; intros k. unfold sum_steps. rewrite sum_swap. terms. now rewrite sum_scal_r.
  - transitivity (sum_blocks (fun k => sum_steps T (fun t =>
      sum D (fun d => sum H (fun j => Wx p k j d * da k t j) * x v t d)))).
    { apply sum_blocks_ext; intros k. apply sum_steps_ext; intros t _. apply transpose. }
    unfold sum_steps. rewrite <- sum_blocks_swap. terms.
    rewrite <- sum_blocks_swap. terms. now rewrite sum_blocks_scal_r.
Qed.

(** ** The two ways agree *)

Definition velocities : outputs := mkOutputs h' (h' T) (c' T).

Theorem adjoint : dot_outputs H T G velocities = dot D H T grad v.
Proof.
  assert (E := telescope T (le_n T)).
  assert (AT : A T = sum H (fun j => last_h G j * h' T j) + sum H (fun j => last_c G j * c' T j)).
  { unfold A. f_equal; terms; now rewrite ?back_h_last, ?back_c_last. }
  assert (A0 : A 0 = sum H (fun m => h0 grad m * h0 v m) + sum H (fun j => c0 grad j * c0 v j)).
  { unfold A, back_h, back_c. destruct (Nat.eqb_spec 0 T); [lia |].
    rewrite first_is_no_edge. reflexivity. }
  rewrite AT, A0, collect_own in E.
  unfold dot_outputs, dot. cbn [each_h last_h last_c velocities]. lra.
Qed.
End Adjoint.
