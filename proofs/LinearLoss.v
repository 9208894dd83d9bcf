(** * A loss that is its own gradient

    The statement assumes that the loss is differentiable.  A linear loss is, with any gradient
    that one likes, so the assumption can be met; the counterexamples need no other loss. *)

From Coq Require Import Reals Arith Lra.
From Coquelicot Require Import Coquelicot.
Require Import Statement Sums.
Open Scope R_scope.

Lemma dot_outputs_difference H T G u v :
  dot_outputs H T G (difference u v) = dot_outputs H T G u - dot_outputs H T G v.
Proof.
  assert (E : forall (g f f' : vec),
            sum H (fun j => g j * (f j - f' j)) = sum H (fun j => g j * f j) - sum H (fun j => g j * f' j)).
  { intros. rewrite <- sum_minus. terms; ring. }
  unfold dot_outputs, difference; cbn [each_h last_h last_c]. rewrite !E.
  assert (Es : sum_steps T (fun t => sum H (fun j => each_h G t j * (each_h u t j - each_h v t j)))
             = sum_steps T (fun t => sum H (fun j => each_h G t j * each_h u t j))
               - sum_steps T (fun t => sum H (fun j => each_h G t j * each_h v t j))).
  { unfold sum_steps. rewrite <- sum_minus. apply sum_ext; intros. apply E. }
  rewrite Es. ring.
Qed.

Lemma size_outputs_nonneg H T u : 0 <= size_outputs H T u.
Proof.
  unfold size_outputs, sum_steps. repeat apply Rplus_le_le_0_compat;
    repeat (apply sum_nonneg; intros); apply Rabs_pos.
Qed.

Theorem linear_loss H T G y : loss_gradient H T (dot_outputs H T G) y G.
Proof.
  intros eps Heps. exists 1. split; [lra |]. intros y' _.
  rewrite dot_outputs_difference. rewrite Rminus_eq_0, Rabs_R0.
  apply Rmult_le_pos; [lra | apply size_outputs_nonneg].
Qed.
