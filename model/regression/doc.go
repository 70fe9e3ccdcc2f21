// Package regression is least squares on any number of rows: weighted,
// penalised, with an intercept, honest about rank and about clusters.
//
// The solver behind it (github.com/sajari/regression) forms an m x m matrix
// for m rows and so must never see raw rows. [Moments] compresses them first:
// for the centred second moments S of [X, y] and their Cholesky factor L, the
// 2(p+1) sigma points
//
//	mean +- sqrt(p+1) L_i / sqrt(W),  i = 1..p+1,  L_i the i-th column of L
//
// have the same weight, mean and second moments as the rows, hence the same
// least-squares solution, exactly (Julier and Uhlmann 1997 for the points;
// the normal equations for the rest). A penalty (b-c)'P(b-c) is more second
// moments: it is added to S before the factor is taken. The points handed
// over are centred and scaled to unit variance, which changes nothing in
// exact arithmetic and keeps the digits in floating point.
//
// Moments are centred sums, so they add up over chunks, files and machines
// (Chan, Golub and LeVeque 1983). The chunk is fixed: the same rows in the
// same order give the same bits, whatever the number of threads that read
// them.
//
// Where one customer has several rows, [Middle] and [Sandwich] give the
// covariance clustered by customer (Liang and Zeger 1986); it needs a pass
// over the rows, the sigma points no longer know them.
package regression
