// Package logistic is penalised logistic regression by iteratively
// reweighted least squares through model/regression.
//
// For labels y in {0, 1} (or shares in [0, 1]), weights w and offsets o,
//
//	eta_i = o_i + a + x_i'b,   p_i = 1 / (1 + exp(-eta_i))
//
// [New] minimises the penalised deviance
//
//	-2 sum_i w_i [y_i log p_i + (1-y_i) log(1-p_i)] + (b-c)'P(b-c) + k (a-a0)^2
//
// so that P is a prior precision on the log-odds scale: more rows shrink
// less. Each iteration is the weighted least-squares problem of the step
// (working residual (y-p)/(p(1-p)), weight w p(1-p)), solved by
// [regression.Solve] with the penalty centred on c minus the present b
// (McCullagh and Nelder 1989, section 2.5). Solving for the step, not for
// the coefficients, makes the fixed point depend on the score alone. On the way
// there the step is a draft, by back-substitution in the Cholesky factor; the
// last one, from which the coefficients are reported, is the solver's.
//
// [Path] is for many penalties on the same rows, of which none is reported.
package logistic
