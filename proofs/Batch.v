(** * A batch of sequences

    The sequences of a batch share the weights; each has its own inputs, initial state, length
    and loss.  The loss of the batch is the sum, and so is the gradient of the weights. *)

From Coq Require Import Reals.
From Coquelicot Require Import Coquelicot.
Require Import Statement Sums Calculus Truncation Tangent Adjoint Entries Loss Gradient.
Open Scope R_scope.

Section Batch.
Variables (D H B : nat) (T : nat -> nat) (L : nat -> outputs -> R) (seq : nat -> params).

(** Sequence [n] with the weights of [q]. *)
Definition with_weights (q : params) (n : nat) : params :=
  mkParams (Wx q) (Wh q) (b q) (x (seq n)) (h0 (seq n)) (c0 (seq n)).

Definition batch_loss (q : params) : R :=
  sum B (fun n => L n (run D H (T n) (with_weights q n))).

(** The sum of the sequences' gradients. *)
Definition batch_grad (q : params) (dc : nat -> nat -> vec) (da : nat -> block -> nat -> vec)
  : params :=
  let g n := grad D H (T n) (with_weights q n) (dc n) (da n) in
  mkParams (fun k j d => sum B (fun n => Wx (g n) k j d))
           (fun k j m => sum B (fun n => Wh (g n) k j m))
           (fun k j => sum B (fun n => b (g n) k j))
           (fun _ _ => 0) (fun _ => 0) (fun _ => 0).
End Batch.

(** The claim: over a batch, the gradients of the weights (E16) add up. *)
Definition gradient_of_a_batch_is_the_sum : Prop :=
  forall D H B T L seq q G dh dc da,
  (forall n, (n < B)%nat -> (1 <= T n)%nat /\
    loss_gradient H (T n) (L n) (run D H (T n) (with_weights seq q n)) (G n) /\
    is_bptt D H (T n) (with_weights seq q n) (G n) (dh n) (dc n) (da n)) ->
  let g := batch_grad D H B T seq q dc da in
  (forall k j d, (j < H)%nat -> (d < D)%nat ->
     is_derive (fun e => batch_loss D H B T L seq (set_Wx q k j d e)) (Wx q k j d) (Wx g k j d)) /\
  (forall k j m, (j < H)%nat -> (m < H)%nat ->
     is_derive (fun e => batch_loss D H B T L seq (set_Wh q k j m e)) (Wh q k j m) (Wh g k j m)) /\
  (forall k j, (j < H)%nat ->
     is_derive (fun e => batch_loss D H B T L seq (set_b q k j e)) (b q k j) (b g k j)).

Theorem batch : gradient_of_a_batch_is_the_sum.
Proof.
  intros D H B T L seq q G dh dc da each g.
  assert (one : forall n, (n < B)%nat -> is_gradient D H (T n)
            (fun q' => L n (run D H (T n) q')) (with_weights seq q n)
            (grad D H (T n) (with_weights seq q n) (dc n) (da n))).
  { intros n Hn. destruct (each n Hn) as (T_pos & LG & E). eapply bptt; eauto. }
  refine (conj _ (conj _ _)); intros; unfold batch_loss.
  - apply (derive_sum B (fun n e => L n (run D H (T n) (with_weights seq (set_Wx q k j d e) n)))).
    intros n Hn. now apply (one n Hn).
  - apply (derive_sum B (fun n e => L n (run D H (T n) (with_weights seq (set_Wh q k j m e) n)))).
    intros n Hn. now apply (one n Hn).
  - apply (derive_sum B (fun n e => L n (run D H (T n) (with_weights seq (set_b q k j e) n)))).
    intros n Hn. now apply (one n Hn).
Qed.
