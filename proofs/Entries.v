(** * From every direction to every entry

    A partial derivative is the derivative along the curve that moves one entry and leaves the
    others alone.  The velocity of that curve is a one-hot vector, so the dot product of the
    gradient with it picks one entry of the gradient. *)

From Coq Require Import Reals Arith Lia FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
Require Import Statement Sums Calculus Truncation Tangent Adjoint.
Open Scope R_scope.

(** Along every curve through [p], [F] moves by the dot product of [g] with the velocity. *)
Definition gradient_in_all_directions (D H T : nat) (F : params -> R) (p g : params) : Prop :=
  forall q e0 v, q e0 = p -> has_velocity D H T q e0 v ->
  is_derive (fun e => F (q e)) e0 (dot D H T g v).

(** ** The curve passes through the point: an entry replaced by itself changes nothing *)

Lemma set1_itself f j : set1 f j (f j) = f.
Proof.
  apply functional_extensionality; intros j'. unfold set1. destruct (Nat.eqb_spec j' j); now subst.
Qed.
Lemma set2_itself f i j : set2 f i j (f i j) = f.
Proof.
  apply functional_extensionality; intros i'. unfold set2.
  destruct (Nat.eqb_spec i' i); subst; auto using set1_itself.
Qed.
Lemma set_block_itself {A} (f : block -> A) k : set_block f k (f k) = f.
Proof. apply functional_extensionality; intros k'. now destruct k, k'. Qed.

(** ** Its velocity is a one-hot vector *)

Lemma derive_set1 f j e0 j' : is_derive (fun e => set1 f j e j') e0 (onehot j' j).
Proof. unfold set1, onehot. destruct (Nat.eqb j' j); [apply derive_id | apply derive_const]. Qed.
Lemma derive_set2 f i j e0 i' j' :
  is_derive (fun e => set2 f i j e i' j') e0 (onehot i' i * onehot j' j).
Proof.
  unfold set2. unfold onehot at 1. destruct (Nat.eqb i' i).
  - eapply derive_eq; [apply derive_set1 | ring].
  - eapply derive_eq; [apply derive_const | ring].
Qed.
Lemma derive_set_block2 f k i j e0 k' i' j' :
  is_derive (fun e => set_block f k (set2 (f k) i j e) k' i' j') e0
            (onehot i' i * onehot j' j * onehot_block k' k).
Proof.
  unfold set_block, onehot_block. destruct (block_eqb k' k).
  - eapply derive_eq; [apply derive_set2 | ring].
  - eapply derive_eq; [apply derive_const | ring].
Qed.
Lemma derive_set_block1 f k j e0 k' j' :
  is_derive (fun e => set_block f k (set1 (f k) j e) k' j') e0 (onehot j' j * onehot_block k' k).
Proof.
  unfold set_block, onehot_block. destruct (block_eqb k' k).
  - eapply derive_eq; [apply derive_set1 | ring].
  - eapply derive_eq; [apply derive_const | ring].
Qed.

(** ** Sums against a one-hot vector *)

Lemma sum2_onehot n m f i j : (i < n)%nat -> (j < m)%nat ->
  sum n (fun i' => sum m (fun j' => f i' j' * (onehot i' i * onehot j' j))) = f i j.
Proof.
  intros Hi Hj. rewrite <- (sum_onehot n (fun i' => f i' j) i Hi). apply sum_ext; intros i' _.
  rewrite <- (sum_onehot m (fun j' => f i' j') j Hj), <- sum_scal_r. terms; ring.
Qed.
Lemma sum_block2_onehot n m f k i j : (i < n)%nat -> (j < m)%nat ->
  sum_blocks (fun k' => sum n (fun i' => sum m (fun j' =>
    f k' i' j' * (onehot i' i * onehot j' j * onehot_block k' k)))) = f k i j.
Proof.
  intros Hi Hj. rewrite <- (sum_blocks_onehot (fun k' => f k' i j) k). apply sum_blocks_ext; intros k'.
  rewrite <- (sum2_onehot n m (fun i' j' => f k' i' j') i j Hi Hj), <- sum_scal_r. terms.
  rewrite <- sum_scal_r. terms; ring.
Qed.
Lemma sum_block1_onehot n f k j : (j < n)%nat ->
  sum_blocks (fun k' => sum n (fun j' => f k' j' * (onehot j' j * onehot_block k' k))) = f k j.
Proof.
  intros Hj. rewrite <- (sum_blocks_onehot (fun k' => f k' j) k). apply sum_blocks_ext; intros k'.
  rewrite <- (sum_onehot n (fun j' => f k' j') j Hj), <- sum_scal_r. terms; ring.
Qed.

Lemma sum_times_0 n f : sum n (fun i => f i * 0) = 0.
Proof. apply sum_zero; intros; ring. Qed.
Lemma sum2_times_0 n m f : sum n (fun i => sum m (fun j => f i j * 0)) = 0.
Proof. apply sum_zero; intros; apply sum_times_0. Qed.
Lemma sum_steps2_times_0 T m f : sum_steps T (fun i => sum m (fun j => f i j * 0)) = 0.
Proof. apply sum2_times_0. Qed.
Lemma sum_block1_times_0 n f : sum_blocks (fun k => sum n (fun i => f k i * 0)) = 0.
Proof. apply sum_blocks_zero; intros; apply sum_times_0. Qed.
Lemma sum_block2_times_0 n m f :
  sum_blocks (fun k => sum n (fun i => sum m (fun j => f k i j * 0))) = 0.
Proof. apply sum_blocks_zero; intros; apply sum2_times_0. Qed.

(** ** Six kinds of entries *)

Theorem gradient_entries D H T F p g :
  gradient_in_all_directions D H T F p g -> is_gradient D H T F p g.
Proof.
  intros all.
  pose (Z3 := fun (_ : block) (_ _ : nat) => 0). pose (Z2 := fun (_ : block) (_ : nat) => 0).
  pose (Zx := fun (_ _ : nat) => 0). pose (Z1 := fun _ : nat => 0).
  assert (entry : forall q e0 v l, q e0 = p -> has_velocity D H T q e0 v ->
            dot D H T g v = l -> is_derive (fun e => F (q e)) e0 l).
  { intros q e0 v l Q V <-. now apply all. }
  refine (conj _ (conj _ (conj _ (conj _ (conj _ _))))).
  - intros k j d Hj Hd.
    apply (entry _ _ (mkParams
      (fun k' j' d' => onehot j' j * onehot d' d * onehot_block k' k) Z3 Z2 Zx Z1 Z1)).
    + unfold set_Wx. rewrite set2_itself, set_block_itself. now destruct p.
    + split; intros; simpl; try apply derive_const. apply derive_set_block2.
    + unfold dot; cbn [Wx Wh b x h0 c0]. unfold Z3, Z2, Zx, Z1.
      rewrite sum_block2_onehot, sum_block2_times_0, sum_block1_times_0, sum_steps2_times_0,
        !sum_times_0 by auto. ring.
  - intros k j m Hj Hm.
    apply (entry _ _ (mkParams Z3
      (fun k' j' d' => onehot j' j * onehot d' m * onehot_block k' k) Z2 Zx Z1 Z1)).
    + unfold set_Wh. rewrite set2_itself, set_block_itself. now destruct p.
    + split; intros; simpl; try apply derive_const. apply derive_set_block2.
    + unfold dot; cbn [Wx Wh b x h0 c0]. unfold Z3, Z2, Zx, Z1.
      rewrite sum_block2_onehot, sum_block2_times_0, sum_block1_times_0, sum_steps2_times_0,
        !sum_times_0 by auto. ring.
  - intros k j Hj.
    apply (entry _ _ (mkParams Z3 Z3 (fun k' j' => onehot j' j * onehot_block k' k) Zx Z1 Z1)).
    + unfold set_b. rewrite set1_itself, set_block_itself. now destruct p.
    + split; intros; simpl; try apply derive_const. apply derive_set_block1.
    + unfold dot; cbn [Wx Wh b x h0 c0]. unfold Z3, Z2, Zx, Z1.
      rewrite sum_block1_onehot, !sum_block2_times_0, sum_steps2_times_0, !sum_times_0 by auto. ring.
  - intros t d Ht Hd.
    apply (entry _ _ (mkParams Z3 Z3 Z2 (fun t' d' => onehot t' t * onehot d' d) Z1 Z1)).
    + unfold set_x. rewrite set2_itself. now destruct p.
    + split; intros; simpl; try apply derive_const. apply derive_set2.
    + unfold dot; cbn [Wx Wh b x h0 c0]. unfold Z3, Z2, Zx, Z1.
      rewrite !sum_block2_times_0, sum_block1_times_0, !sum_times_0.
      destruct t as [| t]; [lia |].
      assert (S1 := sum2_onehot T D (fun t d => x g (S t) d) t d ltac:(lia) Hd).
      unfold sum_steps. cbn [onehot Nat.eqb] in *.
      change (fun t0 => sum D (fun d0 => x g (S t0) d0 * (onehot (S t0) (S t) * onehot d0 d)))
        with (fun t0 => sum D (fun d0 => x g (S t0) d0 * (onehot t0 t * onehot d0 d))).
      rewrite S1. ring.
  - intros j Hj. apply (entry _ _ (mkParams Z3 Z3 Z2 Zx (fun j' => onehot j' j) Z1)).
    + unfold set_h0. rewrite set1_itself. now destruct p.
    + split; intros; simpl; try apply derive_const. apply derive_set1.
    + unfold dot; cbn [Wx Wh b x h0 c0]. unfold Z3, Z2, Zx, Z1.
      rewrite !sum_block2_times_0, sum_block1_times_0, sum_steps2_times_0, sum_times_0, sum_onehot
        by auto. ring.
  - intros j Hj. apply (entry _ _ (mkParams Z3 Z3 Z2 Zx Z1 (fun j' => onehot j' j))).
    + unfold set_c0. rewrite set1_itself. now destruct p.
    + split; intros; simpl; try apply derive_const. apply derive_set1.
    + unfold dot; cbn [Wx Wh b x h0 c0]. unfold Z3, Z2, Zx, Z1.
      rewrite !sum_block2_times_0, sum_block1_times_0, sum_steps2_times_0, sum_times_0, sum_onehot
        by auto. ring.
Qed.
