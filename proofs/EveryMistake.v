(** * No mistake goes unrefuted *)

Require Import Statement Mistakes OneStep TwoSteps.

Theorem every_mistake : every_mistake_is_refuted.
Proof.
  intros m is_wrong.
  destruct m; try contradiction;
    (now apply refuted_in_one_step) || (now apply refuted_in_two_steps).
Qed.
