// Package report writes the evaluation of a model as one page that needs
// nothing else: no script, no remote asset, charts as SVG within it. It prints
// on paper as it shows on a screen.
package report
