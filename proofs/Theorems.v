(** * What is proved

    Each line names a proof and the claim that it proves; Coq checks that they fit.  At the end
    Coq lists every axiom that any of these proofs rests on. *)

Require Import Statement Truncation Recurrence Gradient Mistakes Refuted TwoSteps EveryMistake.
Require Import Batch Softmax Stack Crf.

Check (bptt : bptt_is_the_gradient).
Check (backward_pass : backward_pass_exists).

Check (truncation : truncation_is_the_gradient_of_held_windows).
Check (truncated_pass : truncated_pass_exists).
Check (full_window : truncation_at_full_length_is_plain_bptt).

Check (without_mistake : no_mistake_is_bptt).
Check (every_mistake : every_mistake_is_refuted).
Check (truncation_ignored : truncation_ignored_is_refuted).

Check (batch : gradient_of_a_batch_is_the_sum).
Check (language_model : language_model_gradient).
Check (head_weights : head_weights_gradient).
Check (stack : gradient_of_a_stack).
Check (crf_gradient : crf_gradient_is_expected_minus_observed).

Definition all :=
  (bptt, backward_pass, truncation, truncated_pass, full_window,
   without_mistake, every_mistake, truncation_ignored,
   batch, language_model, head_weights, stack, crf_gradient).
Print Assumptions all.
