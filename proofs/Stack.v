(** * A stack of layers

    E26 without dropout: the h of a layer is the x of the layer above.  So the upper layer is a
    part of the lower layer's loss, and the gradient that it passes down is its dx (E15).  The
    theorem about one layer is applied twice; a taller stack is the same argument again, with
    the rest of the stack in the place of the upper layer. *)

From Coq Require Import Reals Arith Lia.
From Coquelicot Require Import Coquelicot.
Require Import Statement Sums Calculus Truncation Tangent Adjoint Entries Loss Gradient.
Open Scope R_scope.

Section Stack.
Variables (D H K T : nat) (L : outputs -> R) (u : params).

(** The upper layer (input size H, hidden size K) above a run [y] of the lower one. *)
Definition above (y : outputs) : params :=
  mkParams (Wx u) (Wh u) (b u) (each_h y) (h0 u) (c0 u).

(** The loss looks at the upper layer's outputs; as a loss of the lower layer it is this. *)
Definition loss_above (y : outputs) : R := L (run H K T (above y)).

(** What comes down: dx of the upper layer on every h_t, nothing more on h_T and c_T. *)
Definition passed_down (y : outputs) (dc : nat -> vec) (da : block -> nat -> vec) : outputs :=
  mkOutputs (x (grad H K T (above y) dc da)) (fun _ => 0) (fun _ => 0).

Theorem gradient_passed_down y G dh dc da : (1 <= T)%nat ->
  gradient_along_curves K T L (run H K T (above y)) G ->
  is_bptt H K T (above y) G dh dc da ->
  gradient_along_curves H T loss_above y (passed_down y dc da).
Proof.
  intros T_pos LG B ys e0 y' <- Y.
  eapply derive_eq.
  - apply (bptt_in_all_directions H K T L (above (ys e0)) G dh dc da T_pos LG B
      (fun e => above (ys e)) e0
      (mkParams (fun _ _ _ => 0) (fun _ _ _ => 0) (fun _ _ => 0) (each_h y') (fun _ => 0) (fun _ => 0)));
      [reflexivity |].
    split; intros; simpl; try apply derive_const. now apply (velocity_each_h Y).
  - unfold dot, dot_outputs, passed_down; cbn [Wx Wh b x h0 c0 each_h last_h last_c].
    rewrite !sum_block2_times_0, sum_block1_times_0, !sum_times_0.
    rewrite !(sum_zero H (fun j => 0 * _ j)) by (intros; ring). ring.
Qed.
End Stack.

(** The claim for a stack of two (E26): each layer's gradient comes from its own backward pass. *)
Definition gradient_of_a_stack : Prop :=
  forall D H K T L p u G dh dc da dh' dc' da', (1 <= T)%nat ->
  let y := run D H T p in
  loss_gradient K T L (run H K T (above u y)) G ->
  is_bptt H K T (above u y) G dh dc da ->
  is_bptt D H T p (passed_down H K T u y dc da) dh' dc' da' ->
  is_gradient H K T (fun v => L (run H K T v)) (above u y) (grad H K T (above u y) dc da) /\
  is_gradient D H T (fun q => L (run H K T (above u (run D H T q)))) p (grad D H T p dc' da').

Theorem stack : gradient_of_a_stack.
Proof.
  intros D H K T L p u G dh dc da dh' dc' da' T_pos y LG B B'. split.
  - now apply (bptt H K T L (above u y) G dh dc da).
  - apply gradient_entries.
    apply (bptt_in_all_directions D H T (loss_above H K T L u) p
      (passed_down H K T u y dc da) dh' dc' da' T_pos); [| exact B'].
    apply (gradient_passed_down H K T L u y G dh dc da); auto. now apply loss_chain.
Qed.
