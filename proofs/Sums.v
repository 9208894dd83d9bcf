(** * Finite sums

    Sums over units, over steps and over the four blocks: they are linear, they may be
    exchanged, and a sum against a one-hot vector picks one term. *)

From Coq Require Import Reals Arith Lia Lra Morphisms.
Require Import Statement.
Open Scope R_scope.

(** ** Equal terms, equal sums *)

Lemma sum_ext n f g : (forall i, (i < n)%nat -> f i = g i) -> sum n f = sum n g.
Proof. induction n; simpl; intros E; [easy | rewrite IHn, E; auto]. Qed.

Lemma sum_steps_ext T f g :
  (forall t, (1 <= t <= T)%nat -> f t = g t) -> sum_steps T f = sum_steps T g.
Proof. intros E. apply sum_ext. intros; apply E; lia. Qed.

Lemma sum_blocks_ext f g : (forall k, f k = g k) -> sum_blocks f = sum_blocks g.
Proof. intros E. unfold sum_blocks. now rewrite !E. Qed.

(** Goes below all sums that head both sides. *)
Ltac terms :=
  repeat first [ apply sum_steps_ext; intros ? ?
               | apply sum_ext; intros ? ?
               | apply sum_blocks_ext; intros ? ].

(** ** Linearity *)

Lemma sum_plus n f g : sum n (fun i => f i + g i) = sum n f + sum n g.
Proof. induction n; simpl; [ring | rewrite IHn; ring]. Qed.
Lemma sum_scal_l n a f : sum n (fun i => a * f i) = a * sum n f.
Proof. induction n; simpl; [ring | rewrite IHn; ring]. Qed.
Lemma sum_scal_r n a f : sum n (fun i => f i * a) = sum n f * a.
Proof. induction n; simpl; [ring | rewrite IHn; ring]. Qed.
Lemma sum_minus n f g : sum n (fun i => f i - g i) = sum n f - sum n g.
Proof. induction n; simpl; [ring | rewrite IHn; ring]. Qed.
Lemma sum_zero n f : (forall i, (i < n)%nat -> f i = 0) -> sum n f = 0.
Proof. induction n; simpl; intros E; [easy | rewrite IHn, E; auto with real]. Qed.

Lemma sum_blocks_plus f g : sum_blocks (fun k => f k + g k) = sum_blocks f + sum_blocks g.
Proof. unfold sum_blocks; ring. Qed.
Lemma sum_blocks_scal_r a f : sum_blocks (fun k => f k * a) = sum_blocks f * a.
Proof. unfold sum_blocks; ring. Qed.
Lemma sum_blocks_zero f : (forall k, f k = 0) -> sum_blocks f = 0.
Proof. intros E. unfold sum_blocks. rewrite !E. ring. Qed.

(** ** Exchange *)

Lemma sum_swap n m f :
  sum n (fun i => sum m (fun j => f i j)) = sum m (fun j => sum n (fun i => f i j)).
Proof.
  induction n; simpl.
  - symmetry; now apply sum_zero.
  - now rewrite IHn, sum_plus.
Qed.
Lemma sum_blocks_swap n f :
  sum n (fun i => sum_blocks (fun k => f i k)) = sum_blocks (fun k => sum n (fun i => f i k)).
Proof. unfold sum_blocks. now rewrite !sum_plus. Qed.

(** (W u) · v = u · (Wᵀ v): the two ways to sum a matrix between two vectors. *)
Lemma transpose n m W (u v : vec) :
  sum n (fun j => v j * sum m (fun i => W j i * u i))
  = sum m (fun i => sum n (fun j => W j i * v j) * u i).
Proof.
  transitivity (sum n (fun j => sum m (fun i => W j i * v j * u i))).
  - terms. rewrite <- sum_scal_l. terms; ring.
  - rewrite sum_swap. terms. now rewrite sum_scal_r.
Qed.

(** ** Order *)

Lemma sum_nonneg n f : (forall i, (i < n)%nat -> 0 <= f i) -> 0 <= sum n f.
Proof.
  induction n; simpl; intros E; [lra |].
  assert (0 <= f n) by (apply E; lia). assert (0 <= sum n f) by (apply IHn; auto). lra.
Qed.

(** ** One-hot vectors *)

Definition onehot (i j : nat) : R := if Nat.eqb i j then 1 else 0.
Definition onehot_block (k l : block) : R := if block_eqb k l then 1 else 0.

Lemma onehot_same i : onehot i i = 1.
Proof. unfold onehot. now rewrite Nat.eqb_refl. Qed.
Lemma onehot_other i j : i <> j -> onehot i j = 0.
Proof. intros N. unfold onehot. now destruct (Nat.eqb_spec i j). Qed.

Lemma sum_onehot n f i : (i < n)%nat -> sum n (fun i' => f i' * onehot i' i) = f i.
Proof.
  induction n; intros L; [lia |]. simpl.
  destruct (Nat.eq_dec n i) as [-> | N].
  - rewrite onehot_same, sum_zero; [ring |].
    intros i' L'. rewrite onehot_other by lia. ring.
  - rewrite IHn, onehot_other by lia. ring.
Qed.
Lemma sum_steps_onehot T f t : (1 <= t <= T)%nat -> sum_steps T (fun t' => f t' * onehot t' t) = f t.
Proof. intros L. destruct t as [| t]; [lia |]. apply (sum_onehot T (fun t => f (S t)) t). lia. Qed.
Lemma sum_blocks_onehot f k : sum_blocks (fun k' => f k' * onehot_block k' k) = f k.
Proof. destruct k; unfold sum_blocks, onehot_block; simpl; ring. Qed.
