(** * The theorems

    Put together: velocities of the states (Tangent.v), the chain rule for the loss (Loss.v),
    and the transposition (Adjoint.v). *)

From Coq Require Import Reals Arith Lia Bool FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
Require Import Statement Sums Calculus Truncation Tangent Adjoint Loss Entries Recurrence.
Open Scope R_scope.

(** ** With edges and with an arbitrary direction: everything else is a case of this *)

Theorem held_gradient D H edge T L p G dh dc da :
  (1 <= T)%nat -> edge 0%nat = false ->
  gradient_along_curves H T L (run D H T p) G ->
  is_truncated_bptt D H edge T p G dh dc da ->
  gradient_in_all_directions D H T (fun q => L (held_run D H edge T p q)) p (grad D H T p dc da).
Proof.
  intros T_pos E0 LG B q e0 v <- V.
  rewrite <- (adjoint D H T edge (q e0) v G dh dc da B E0 T_pos).
  assert (S := derive_held_state D H edge T q e0 v V).
  apply (LG (fun e => held_run D H edge T (q e0) (q e))).
  - unfold held_run, run, h, c. f_equal; try apply functional_extensionality; intros;
      now rewrite held_at_itself.
  - split; cbn [each_h last_h last_c held_run velocities]; intros.
    + now apply S.
    + now apply S.
    + now apply S.
Qed.

(** ** Truncated back-propagation *)

Theorem truncation : truncation_is_the_gradient_of_held_windows.
Proof.
  intros D H edge T L p G dh dc da T_pos E0 LG B. apply gradient_entries.
  apply (held_gradient D H edge T L p G dh dc da); auto. now apply loss_chain.
Qed.

Theorem full_window : truncation_at_full_length_is_plain_bptt.
Proof.
  intros D H w T p G dh dc da Hw [].
  assert (E : forall t, (1 <= t < T)%nat -> window w t = false).
  { intros t Ht. unfold window. rewrite Nat.mod_small by lia.
    destruct (Nat.eqb_spec t 0); [lia | apply andb_false_r]. }
  split; auto.
Qed.

(** ** Plain back-propagation *)

Theorem bptt_in_all_directions D H T L p G dh dc da :
  (1 <= T)%nat ->
  gradient_along_curves H T L (run D H T p) G ->
  is_bptt D H T p G dh dc da ->
  gradient_in_all_directions D H T (fun q => L (run D H T q)) p (grad D H T p dc da).
Proof.
  intros T_pos LG B q e0 v Q V.
  apply derive_ext with (fun e => L (held_run D H never T p (q e))).
  { intros e. f_equal. unfold held_run, run, h, c.
    f_equal; try apply functional_extensionality; intros; now rewrite held_never. }
  apply (held_gradient D H never T L p G dh dc da); auto. now apply truncated_never.
Qed.

Theorem bptt : bptt_is_the_gradient.
Proof.
  intros D H T L p G dh dc da T_pos LG B. apply gradient_entries.
  apply (bptt_in_all_directions D H T L p G dh dc da); auto. now apply loss_chain.
Qed.
