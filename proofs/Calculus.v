(** * Derivatives of real functions

    The rules of differentiation for functions from R to R, and the slopes of the two
    activation functions in terms of their own output: σ′ = y (1 − y), tanh′ = 1 − y². *)

From Coq Require Import Reals Lra.
From Coquelicot Require Import Coquelicot.
Require Import Statement Sums.
Open Scope R_scope.

(** ** Rules *)

Lemma derive_eq (f : R -> R) (x l l' : R) : is_derive f x l -> l = l' -> is_derive f x l'.
Proof. now intros A <-. Qed.
Lemma derive_ext (f g : R -> R) (x l : R) :
  (forall e, f e = g e) -> is_derive f x l -> is_derive g x l.
Proof. apply @is_derive_ext. Qed.
Lemma derive_const (a x : R) : is_derive (fun _ : R => a) x 0.
Proof. apply @is_derive_const. Qed.
Lemma derive_id (x : R) : is_derive (fun e : R => e) x 1.
Proof. apply @is_derive_id. Qed.
Lemma derive_plus (f g : R -> R) (x df dg : R) :
  is_derive f x df -> is_derive g x dg -> is_derive (fun e => f e + g e) x (df + dg).
Proof. intros; now apply @is_derive_plus. Qed.
Lemma derive_mult (f g : R -> R) (x df dg : R) :
  is_derive f x df -> is_derive g x dg -> is_derive (fun e => f e * g e) x (df * g x + f x * dg).
Proof. intros A B. rewrite is_derive_Reals in *. now apply (derivable_pt_lim_mult f g). Qed.
Lemma derive_scal (a : R) (f : R -> R) (x df : R) :
  is_derive f x df -> is_derive (fun e => a * f e) x (a * df).
Proof.
  intros A. eapply derive_eq; [apply derive_mult; [apply derive_const | exact A] | simpl; ring].
Qed.
Lemma derive_comp (f g : R -> R) (x df dg : R) :
  is_derive f (g x) df -> is_derive g x dg -> is_derive (fun e => f (g e)) x (df * dg).
Proof. intros A B. rewrite is_derive_Reals in *. now apply (derivable_pt_lim_comp g f). Qed.

Lemma derive_sum n f df (x : R) :
  (forall i, (i < n)%nat -> is_derive (f i) x (df i)) ->
  is_derive (fun e => sum n (fun i => f i e)) x (sum n df).
Proof.
  induction n; simpl; intros E; [apply derive_const |].
  apply derive_plus; auto.
Qed.
Lemma derive_sum_steps T f df (x : R) :
  (forall t, (1 <= t <= T)%nat -> is_derive (f t) x (df t)) ->
  is_derive (fun e => sum_steps T (fun t => f t e)) x (sum_steps T df).
Proof. intros E. apply (derive_sum T (fun t => f (S t))). intros; apply E; auto with arith. Qed.

(** ** Slopes *)

Lemma derive_sigma z : is_derive sigma z (sigma z * (1 - sigma z)).
Proof.
  assert (P := exp_pos (- z)).
  unfold sigma. auto_derive; [lra |]. field. lra.
Qed.

Lemma cosh_pos z : 0 < cosh z.
Proof. unfold cosh. assert (A := exp_pos z). assert (B := exp_pos (- z)). lra. Qed.

Lemma derive_tanh z : is_derive tanh z (1 - tanh z ^ 2).
Proof.
  assert (P := cosh_pos z). rewrite is_derive_Reals.
  replace (1 - tanh z ^ 2) with ((cosh z * cosh z - sinh z * sinh z) / Rsqr (cosh z)).
  - apply (derivable_pt_lim_div sinh cosh); [apply derivable_pt_lim_sinh | | lra].
    apply derivable_pt_lim_cosh.
  - unfold tanh, Rsqr. field. lra.
Qed.

(** The slope of a block's activation, from its output [y]. *)
Definition slope (k : block) (y : R) : R := match k with Bg => 1 - y ^ 2 | _ => y * (1 - y) end.

Lemma derive_activation k z : is_derive (activation k) z (slope k (activation k z)).
Proof. destruct k; simpl; try apply derive_sigma. apply derive_tanh. Qed.
