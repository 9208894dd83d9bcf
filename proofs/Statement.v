(** * Back-propagation through time computes the gradient: the statement

    This file says what is proved and proves nothing.  Check it against the
    specification alone: the numbers in brackets are the equations' names.

    A vector is a function of its index, and an index counts from 0.  Time counts
    from 1, so [x p t d] is element [d] of x_t.  [H] bounds the index of a hidden
    unit and [D] that of an input; what a function is beyond its bound matters
    nowhere. *)

From Coq Require Import Reals.
From Coquelicot Require Import Coquelicot.
Open Scope R_scope.

Definition vec := nat -> R.

(** f 0 + … + f (n − 1), and the same over the steps 1 … T. *)
Fixpoint sum (n : nat) (f : nat -> R) : R :=
  match n with O => 0 | S m => sum m f + f m end.
Definition sum_steps (T : nat) (f : nat -> R) : R := sum T (fun t => f (S t)).

(** The four blocks, and the sum over them. *)
Inductive block := Bi | Bf | Bg | Bo.
Definition sum_blocks (f : block -> R) : R := f Bi + f Bf + f Bg + f Bo.

(** The logistic sigmoid.  [tanh] is that of the standard library, sinh / cosh. *)
Definition sigma (z : R) : R := / (1 + exp (- z)).

(** All that the outputs depend on: weights, inputs and the initial state (E8). *)
Record params := mkParams {
  Wx : block -> nat -> nat -> R;   (* row j < H, column d < D *)
  Wh : block -> nat -> nat -> R;   (* row j < H, column m < H *)
  b  : block -> vec;
  x  : nat -> vec;                 (* x_t for 1 <= t <= T *)
  h0 : vec;
  c0 : vec }.

Section Lstm.
Variables D H : nat.

(** ** The forward pass *)

Definition preactivation (p : params) (t : nat) (h_prev : vec) (k : block) (j : nat) : R := (* E1 *)
  sum D (fun d => Wx p k j d * x p t d) + sum H (fun m => Wh p k j m * h_prev m) + b p k j.

Definition activation (k : block) : R -> R :=                                    (* E2–E5 *)
  match k with Bg => tanh | _ => sigma end.

Definition gate (p : params) (t : nat) (h_prev : vec) (k : block) (j : nat) : R :=
  activation k (preactivation p t h_prev k j).

Definition next_c (p : params) (t : nat) (h_prev c_prev : vec) (j : nat) : R :=        (* E6 *)
  gate p t h_prev Bf j * c_prev j + gate p t h_prev Bi j * gate p t h_prev Bg j.

Definition next_h (p : params) (t : nat) (h_prev c_prev : vec) (j : nat) : R :=        (* E7 *)
  gate p t h_prev Bo j * tanh (next_c p t h_prev c_prev j).

Definition next (p : params) (t : nat) (prev : vec * vec) : vec * vec :=
  (next_h p t (fst prev) (snd prev), next_c p t (fst prev) (snd prev)).

(** (h_t, c_t), from the initial state on. *)
Fixpoint state (p : params) (t : nat) : vec * vec :=
  match t with O => (h0 p, c0 p) | S s => next p t (state p s) end.

Definition h (p : params) (t : nat) : vec := fst (state p t).
Definition c (p : params) (t : nat) : vec := snd (state p t).
Definition gate_at (p : params) (k : block) (t : nat) : vec := gate p t (h p (pred t)) k.

(** ** The loss

    Any function of every h_t, of h_T and of c_T that is differentiable where the
    network's outputs are.  Its gradient there has the same three parts. *)

Record outputs := mkOutputs { each_h : nat -> vec; last_h : vec; last_c : vec }.

Definition run (T : nat) (p : params) : outputs := mkOutputs (h p) (h p T) (c p T).

Definition difference (u v : outputs) : outputs := mkOutputs
  (fun t j => each_h u t j - each_h v t j)
  (fun j => last_h u j - last_h v j) (fun j => last_c u j - last_c v j).

Definition dot_outputs (T : nat) (u v : outputs) : R :=
  sum_steps T (fun t => sum H (fun j => each_h u t j * each_h v t j))
  + sum H (fun j => last_h u j * last_h v j) + sum H (fun j => last_c u j * last_c v j).

Definition size_outputs (T : nat) (u : outputs) : R :=
  sum_steps T (fun t => sum H (fun j => Rabs (each_h u t j)))
  + sum H (fun j => Rabs (last_h u j)) + sum H (fun j => Rabs (last_c u j)).

(** [G] is the (Fréchet) gradient of [L] at [y]: near [y], the loss moves by the dot
    product of [G] with the move, up to an error that is small beside the move. *)
Definition loss_gradient (T : nat) (L : outputs -> R) (y G : outputs) : Prop :=
  forall eps, 0 < eps -> exists delta, 0 < delta /\ forall y',
    size_outputs T (difference y' y) < delta ->
    Rabs (L y' - L y - dot_outputs T G (difference y' y))
      <= eps * size_outputs T (difference y' y).

(** ** The backward pass

    [G] holds (∂L/∂h_t)_direct in [each_h], and what the loss says of h_T and of c_T. *)

Section Backward.
Variables (T : nat) (p : params) (G : outputs).
Local Notation c := (c p).
Local Notation i := (gate_at p Bi).
Local Notation f := (gate_at p Bf).
Local Notation g := (gate_at p Bg).
Local Notation o := (gate_at p Bo).

(* ANCHOR: equations *)
Record is_bptt (dh dc : nat -> vec) (da : block -> nat -> vec) : Prop := {
  E9_last : forall j, (j < H)%nat -> dh T j = each_h G T j + last_h G j;
  E9 : forall t j, (1 <= t < T)%nat -> (j < H)%nat ->
       dh t j = each_h G t j + sum_blocks (fun k => sum H (fun m => Wh p k m j * da k (S t) m));
  E10 : forall t j, (1 <= t <= T)%nat -> (j < H)%nat ->
       da Bo t j = dh t j * tanh (c t j) * o t j * (1 - o t j);
  E11_last : forall j, (j < H)%nat ->
       dc T j = dh T j * o T j * (1 - tanh (c T j) ^ 2) + last_c G j;
  E11 : forall t j, (1 <= t < T)%nat -> (j < H)%nat ->
       dc t j = dh t j * o t j * (1 - tanh (c t j) ^ 2) + dc (S t) j * f (S t) j;
  E12 : forall t j, (1 <= t <= T)%nat -> (j < H)%nat ->
       da Bi t j = dc t j * g t j * i t j * (1 - i t j);
  E13 : forall t j, (1 <= t <= T)%nat -> (j < H)%nat ->
       da Bf t j = dc t j * c (pred t) j * f t j * (1 - f t j);
  E14 : forall t j, (1 <= t <= T)%nat -> (j < H)%nat ->
       da Bg t j = dc t j * i t j * (1 - g t j ^ 2) }.
(* ANCHOR_END: equations *)

(** The gradients of the weights, of the inputs and of the initial state, from da and dc. *)
Definition grad (dc : nat -> vec) (da : block -> nat -> vec) : params := mkParams
  (fun k j d => sum_steps T (fun t => da k t j * x p t d))                       (* E16, dWx *)
  (fun k j m => sum_steps T (fun t => da k t j * h p (pred t) m))                (* E16, dWh *)
  (fun k j => sum_steps T (fun t => da k t j))                                   (* E16, db  *)
  (fun t d => sum_blocks (fun k => sum H (fun j => Wx p k j d * da k t j)))      (* E15, dx  *)
  (fun m => sum_blocks (fun k => sum H (fun j => Wh p k j m * da k 1%nat j)))    (* E17, dh0 *)
  (fun j => dc 1%nat j * f 1 j).                                                 (* E17, dc0 *)
End Backward.
End Lstm.

(** ** Partial derivatives *)

(** One entry replaced by [e]. *)
Definition block_eqb (k l : block) : bool :=
  match k, l with Bi, Bi | Bf, Bf | Bg, Bg | Bo, Bo => true | _, _ => false end.
Definition set1 (v : vec) (j : nat) (e : R) : vec := fun j' => if Nat.eqb j' j then e else v j'.
Definition set2 (w : nat -> vec) (i j : nat) (e : R) : nat -> vec :=
  fun i' => if Nat.eqb i' i then set1 (w i') j e else w i'.
Definition set_block {A} (w : block -> A) (k : block) (a : A) : block -> A :=
  fun k' => if block_eqb k' k then a else w k'.

Definition set_Wx p k j d e :=
  mkParams (set_block (Wx p) k (set2 (Wx p k) j d e)) (Wh p) (b p) (x p) (h0 p) (c0 p).
Definition set_Wh p k j m e :=
  mkParams (Wx p) (set_block (Wh p) k (set2 (Wh p k) j m e)) (b p) (x p) (h0 p) (c0 p).
Definition set_b p k j e :=
  mkParams (Wx p) (Wh p) (set_block (b p) k (set1 (b p k) j e)) (x p) (h0 p) (c0 p).
Definition set_x p t d e := mkParams (Wx p) (Wh p) (b p) (set2 (x p) t d e) (h0 p) (c0 p).
Definition set_h0 p j e := mkParams (Wx p) (Wh p) (b p) (x p) (set1 (h0 p) j e) (c0 p).
Definition set_c0 p j e := mkParams (Wx p) (Wh p) (b p) (x p) (h0 p) (set1 (c0 p) j e).

(** Each partial derivative of [F] at [p] exists, and [g] holds its value.
    [is_derive φ e l], of the library Coquelicot: φ has the derivative l at e. *)
Definition is_gradient (D H T : nat) (F : params -> R) (p g : params) : Prop :=
  (forall k j d, (j < H)%nat -> (d < D)%nat ->
     is_derive (fun e => F (set_Wx p k j d e)) (Wx p k j d) (Wx g k j d)) /\
  (forall k j m, (j < H)%nat -> (m < H)%nat ->
     is_derive (fun e => F (set_Wh p k j m e)) (Wh p k j m) (Wh g k j m)) /\
  (forall k j, (j < H)%nat ->
     is_derive (fun e => F (set_b p k j e)) (b p k j) (b g k j)) /\
  (forall t d, (1 <= t <= T)%nat -> (d < D)%nat ->
     is_derive (fun e => F (set_x p t d e)) (x p t d) (x g t d)) /\
  (forall j, (j < H)%nat -> is_derive (fun e => F (set_h0 p j e)) (h0 p j) (h0 g j)) /\
  (forall j, (j < H)%nat -> is_derive (fun e => F (set_c0 p j e)) (c0 p j) (c0 g j)).

(** ** The claims *)

(* ANCHOR: claim *)
(** What E9–E17 compute is the gradient of the loss, whose network is E1–E8. *)
Definition bptt_is_the_gradient : Prop :=
  forall D H T L p G dh dc da, (1 <= T)%nat ->
  loss_gradient H T L (run D H T p) G ->
  is_bptt D H T p G dh dc da ->
  is_gradient D H T (fun q => L (run D H T q)) p (grad D H T p dc da).
(* ANCHOR_END: claim *)

(** Equations E9–E14 have a solution, so that the claim above is not about nothing. *)
Definition backward_pass_exists : Prop :=
  forall D H T p G, (1 <= T)%nat -> exists dh dc da, is_bptt D H T p G dh dc da.
