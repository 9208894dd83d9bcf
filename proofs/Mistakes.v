(** * Mistakes of the backward pass: the statement

    The names are those of the project's list of known mistakes (crate lstm-check); only
    [CarouselForgetTooEarly] is added.  The equations below are E9–E17 with every mistake
    written beside the right term.  Nothing is proved here. *)

From Coq Require Import Reals Arith.
From Coquelicot Require Import Coquelicot.
Require Import Statement Calculus.
Open Scope R_scope.

Inductive mistake :=
  | NoMistake
  | RecurrentGradientDropped      (* the sum in E9 is dropped *)
  | RecurrentGradientTransposed   (* W_h da instead of W_hᵀ da in E9 and E17 *)
  | LastHIgnored                  (* the gradient on h_T is ignored *)
  | CarouselDropped               (* the second term of E11 is dropped *)
  | CarouselWithoutForget         (* dc_{t+1} instead of dc_{t+1} ⊙ f_{t+1} *)
  | CarouselForgetTooEarly        (* dc_{t+1} ⊙ f_t instead of dc_{t+1} ⊙ f_{t+1} *)
  | CellSlopeMissing              (* 1 − tanh² c_t is left out of E11 *)
  | LastCIgnored                  (* the gradient on c_T is ignored *)
  | SlopeMissing (k : block)      (* σ′ or tanh′ of block k is left out (E10, E12–E14) *)
  | ForgetReadsNewCell            (* c_t instead of c_{t−1} in E13 *)
  | WeightReadsNewH               (* h_t instead of h_{t−1} in dW_h (E16) *)
  | BiasGradientFrom (k l : block)   (* db of k is computed from da of l (E16) *)
  | LastStepOnlyX                 (* dW_x counts step T only (E16) *)
  | LastStepOnlyH                 (* dW_h counts step T only (E16) *)
  | LastStepOnlyB.                (* db counts step T only (E16) *)

Section Wrong.
Variables (m : mistake) (D H T : nat) (p : params) (G : outputs).
Local Notation h := (h D H p).
Local Notation c := (c D H p).
Local Notation i := (gate_at D H p Bi).
Local Notation f := (gate_at D H p Bf).
Local Notation g := (gate_at D H p Bg).
Local Notation o := (gate_at D H p Bo).

(** The slope of block [k] from its output: y (1 − y), and 1 − y² for g. *)
Definition wrong_slope (k : block) (y : R) : R :=
  match m with SlopeMissing l => if block_eqb k l then 1 else slope k y | _ => slope k y end.

Definition wrong_cell_slope (y : R) : R :=
  match m with CellSlopeMissing => 1 | _ => 1 - y ^ 2 end.

(** What step t passes to h_{t−1}: Σ_k W_hkᵀ da^k_t. *)
Definition wrong_to_h (da : block -> nat -> vec) (t i : nat) : R :=
  sum_blocks (fun k => sum H (fun j =>
    match m with RecurrentGradientTransposed => Wh p k i j | _ => Wh p k j i end * da k t j)).

(** What step t passes to c_{t−1}: dc_t ⊙ f_t. *)
Definition wrong_to_c (dc : nat -> vec) (t j : nat) : R :=
  match m with CarouselWithoutForget => dc t j | _ => dc t j * f t j end.

Record is_wrong_bptt (dh dc : nat -> vec) (da : block -> nat -> vec) : Prop := {
  W9_last : forall j, (j < H)%nat ->
    dh T j = each_h G T j + match m with LastHIgnored => 0 | _ => last_h G j end;
  W9 : forall t j, (1 <= t < T)%nat -> (j < H)%nat ->
    dh t j = each_h G t j
             + match m with RecurrentGradientDropped => 0 | _ => wrong_to_h da (S t) j end;
  W10 : forall t j, (1 <= t <= T)%nat -> (j < H)%nat ->
    da Bo t j = dh t j * tanh (c t j) * wrong_slope Bo (o t j);
  W11_last : forall j, (j < H)%nat ->
    dc T j = dh T j * o T j * wrong_cell_slope (tanh (c T j))
             + match m with LastCIgnored => 0 | _ => last_c G j end;
  W11 : forall t j, (1 <= t < T)%nat -> (j < H)%nat ->
    dc t j = dh t j * o t j * wrong_cell_slope (tanh (c t j))
             + match m with
               | CarouselDropped => 0
               | CarouselForgetTooEarly => dc (S t) j * f t j
               | _ => wrong_to_c dc (S t) j
               end;
  W12 : forall t j, (1 <= t <= T)%nat -> (j < H)%nat ->
    da Bi t j = dc t j * g t j * wrong_slope Bi (i t j);
  W13 : forall t j, (1 <= t <= T)%nat -> (j < H)%nat ->
    da Bf t j = dc t j * match m with ForgetReadsNewCell => c t j | _ => c (pred t) j end
                * wrong_slope Bf (f t j);
  W14 : forall t j, (1 <= t <= T)%nat -> (j < H)%nat ->
    da Bg t j = dc t j * i t j * wrong_slope Bg (g t j) }.

Definition wrong_grad (dc : nat -> vec) (da : block -> nat -> vec) : params := mkParams
  (fun k j d => match m with
     | LastStepOnlyX => da k T j * x p T d
     | _ => sum_steps T (fun t => da k t j * x p t d)
     end)
  (fun k j i => match m with
     | LastStepOnlyH => da k T j * h (pred T) i
     | WeightReadsNewH => sum_steps T (fun t => da k t j * h t i)
     | _ => sum_steps T (fun t => da k t j * h (pred t) i)
     end)
  (fun k j => match m with
     | LastStepOnlyB => da k T j
     | BiasGradientFrom l from =>
         sum_steps T (fun t => da (if block_eqb k l then from else k) t j)
     | _ => sum_steps T (fun t => da k t j)
     end)
  (fun t d => sum_blocks (fun k => sum H (fun j => Wx p k j d * da k t j)))
  (fun i => wrong_to_h da 1 i)
  (fun j => wrong_to_c dc 1 j).
End Wrong.

(** A proof writes [W9 W] for equation W9 of the mistaken pass [W]. *)
Arguments W9_last {m D H T p G dh dc da}.
Arguments W9 {m D H T p G dh dc da}.
Arguments W10 {m D H T p G dh dc da}.
Arguments W11_last {m D H T p G dh dc da}.
Arguments W11 {m D H T p G dh dc da}.
Arguments W12 {m D H T p G dh dc da}.
Arguments W13 {m D H T p G dh dc da}.
Arguments W14 {m D H T p G dh dc da}.

(** ** The claims *)

(** Without a mistake these are the equations of the statement. *)
Definition no_mistake_is_bptt : Prop :=
  forall D H T p G dh dc da,
  (is_wrong_bptt NoMistake D H T p G dh dc da <-> is_bptt D H T p G dh dc da) /\
  wrong_grad NoMistake D H T p dc da = grad D H T p dc da.

(** The gradient of a block's bias from its own da is no mistake. *)
Definition is_mistake (m : mistake) : Prop :=
  match m with NoMistake => False | BiasGradientFrom k l => k <> l | _ => True end.

(** There is a network and a loss for which what the mistaken equations compute is not the
    gradient. *)
Definition refuted (m : mistake) : Prop :=
  exists D H T L p G dh dc da,
  (1 <= T)%nat /\ loss_gradient H T L (run D H T p) G /\
  is_wrong_bptt m D H T p G dh dc da /\
  ~ is_gradient D H T (fun q => L (run D H T q)) p (wrong_grad m D H T p dc da).

(** Of the mistakes in E9–E17, none goes unrefuted. *)
Definition every_mistake_is_refuted : Prop := forall m, is_mistake m -> refuted m.
