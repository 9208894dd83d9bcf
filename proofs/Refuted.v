(** * Every mistake is refuted

    Two small networks suffice.  Each is chosen so that all its values are simple: σ(0) = 1/2,
    σ(ln 3) = 3/4, tanh 0 = 0, tanh(ln 3) = 4/5.  On each, the mistaken equations and the right
    ones are worked out; they differ in an entry of the gradient, a partial derivative has one
    value only, and the right one is the gradient by the main theorem. *)

From Coq Require Import Reals Arith Lia Lra.
From Coquelicot Require Import Coquelicot.
Require Import Statement Sums Calculus Recurrence Gradient LinearLoss Mistakes.
Open Scope R_scope.

(** ** The mistaken equations *)

Theorem without_mistake : no_mistake_is_bptt.
Proof.
  intros D H T p G dh dc da. split; [| reflexivity].
  split; intros [A B C E F I J K]; split; intros;
    first [now apply A | now apply B | now apply E | now apply F |
           rewrite C by auto | rewrite I by auto | rewrite J by auto | rewrite K by auto];
    unfold wrong_slope, slope; ring.
Qed.

Lemma wrong_pass_exists m D H T p G :
  (1 <= T)%nat -> exists dh dc da, is_wrong_bptt m D H T p G dh dc da.
Proof.
  intros _.
  set (f := gate_at D H p Bf). set (o := gate_at D H p Bo). set (c := c D H p).
  set (da_of := fun t (dh dc : vec) k j =>
    wrong_slope m k (gate_at D H p k t j) * match k with
      | Bi => dc j * gate_at D H p Bg t j
      | Bf => dc j * match m with ForgetReadsNewCell => c t j | _ => c (pred t) j end
      | Bg => dc j * gate_at D H p Bi t j
      | Bo => dh j * tanh (c t j)
      end).
  set (dc_of := fun t (dh next : vec) j =>
    dh j * o t j * wrong_cell_slope m (tanh (c t j)) + next j).
  set (last :=
    let dh j := each_h G T j + match m with LastHIgnored => 0 | _ => last_h G j end in
    (dh : vec, dc_of T dh (fun j => match m with LastCIgnored => 0 | _ => last_c G j end))).
  set (step := fun t (next : vec * vec) =>
    let da k (_ : nat) := da_of (S t) (fst next) (snd next) k in
    let dh j := each_h G t j + match m with
      RecurrentGradientDropped => 0 | _ => wrong_to_h m H p da (S t) j end in
    (dh : vec, dc_of t dh (fun j => match m with
      | CarouselDropped => 0
      | CarouselForgetTooEarly => snd next j * f t j
      | _ => wrong_to_c m D H p (fun _ => snd next) (S t) j
      end))).
  destruct (backward_recurrence T last step) as (s & sT & st).
  exists (fun t => fst (s t)), (fun t => snd (s t)), (fun k t => da_of t (fst (s t)) (snd (s t)) k).
  split; intros.
  1, 4: now rewrite sT.
  1, 3: now rewrite st by lia.
  all: unfold da_of, f, o, c; destruct m; ring.
Qed.

(** ** What refutes a mistake *)

Definition same_gradient (D H T : nat) (g g' : params) : Prop :=
  (forall k j d, (j < H)%nat -> (d < D)%nat -> Wx g k j d = Wx g' k j d) /\
  (forall k j i, (j < H)%nat -> (i < H)%nat -> Wh g k j i = Wh g' k j i) /\
  (forall k j, (j < H)%nat -> b g k j = b g' k j) /\
  (forall j, (j < H)%nat -> c0 g j = c0 g' j).

(** A function has one gradient at most. *)
Lemma gradient_unique D H T F p g g' :
  is_gradient D H T F p g -> is_gradient D H T F p g' -> same_gradient D H T g g'.
Proof.
  assert (one : forall (f : R -> R) x l l', is_derive f x l -> is_derive f x l' -> l = l').
  { intros f x l l' A A'. now rewrite <- (is_derive_unique _ _ _ A), <- (is_derive_unique _ _ _ A'). }
  intros (A1 & A2 & A3 & _ & _ & A6) (B1 & B2 & B3 & _ & _ & B6).
  refine (conj _ (conj _ (conj _ _))); intros; eapply one; eauto.
Qed.

(** It is enough that the mistaken and the right equations disagree on one network. *)
Lemma refuted_by m D H T p G : (1 <= T)%nat ->
  (forall dh dc da dh' dc' da',
     is_wrong_bptt m D H T p G dh dc da -> is_wrong_bptt NoMistake D H T p G dh' dc' da' ->
     same_gradient D H T (wrong_grad m D H T p dc da) (wrong_grad NoMistake D H T p dc' da') -> False) ->
  refuted m.
Proof.
  intros T_pos differ.
  destruct (wrong_pass_exists m D H T p G T_pos) as (dh & dc & da & W).
  destruct (wrong_pass_exists NoMistake D H T p G T_pos) as (dh' & dc' & da' & W').
  assert (LG := linear_loss H T G (run D H T p)).
  exists D, H, T, (dot_outputs H T G), p, G, dh, dc, da.
  refine (conj T_pos (conj LG (conj W _))). intros wrong.
  apply (differ dh dc da dh' dc' da' W W').
  apply (gradient_unique D H T (fun q => dot_outputs H T G (run D H T q)) p _ _ wrong).
  apply (bptt D H T _ p G dh' dc' da' T_pos LG).
  now apply without_mistake.
Qed.

(** ** Values of the activation functions *)

Lemma sigma_0 : sigma 0 = 1 / 2.
Proof. unfold sigma. rewrite Ropp_0, exp_0. lra. Qed.
Lemma exp_minus_ln3 : exp (- ln 3) = 1 / 3.
Proof. rewrite exp_Ropp, exp_ln by lra. lra. Qed.
Lemma sigma_ln3 : sigma (ln 3) = 3 / 4.
Proof. unfold sigma. rewrite exp_minus_ln3. lra. Qed.
Lemma tanh_0 : tanh 0 = 0.
Proof. unfold tanh. rewrite sinh_0. lra. Qed.
Lemma tanh_ln3 : tanh (ln 3) = 4 / 5.
Proof. unfold tanh, sinh, cosh. rewrite exp_minus_ln3, exp_ln by lra. lra. Qed.
Lemma ln3_large : 1 <= ln 3.
Proof. rewrite <- (ln_exp 1). apply ln_le; [apply exp_pos | apply exp_le_3]. Qed.
