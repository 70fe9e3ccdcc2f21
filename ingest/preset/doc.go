// Package preset reads the files that say how an export of another program
// becomes facts: which files it has, by which columns they are known, and how
// the columns of ours are derived.
//
// A preset is a YAML file. Its tables name the columns that are used, each
// with the names that it has in the export:
//
//	name: my-shop
//	title: Orders of my shop, one row per line
//	tables:
//	  - name: lines
//	    counts_as: order_items      # rows that can't be read count here
//	    columns:
//	      order: Order Number
//	      customer: [Customer, Client]   # the first that a file has
//	      paid: Paid
//	    optional: [paid]
//	ignore:
//	  - {name: addresses, columns: [Street, City]}
//	kinds:
//	  - kind: orders
//	    of: order_items             # the rows that became order_items
//	    by: [order]
//	    derived_from: lines
//	    columns:
//	      order_id: order
//	      customer_id: {lower: {first: customer}}
//	      status: {choose: [{equals: paid, to: "yes"}, {const: paid}, {const: open}]}
//
// Wherever a value is wanted, a word is a column (table.column for one that
// was joined), {const: text} a constant, and {operation: arguments} one of the
// operations of model.Expression. Beside the operation stand its text (with),
// the text that it compares to or replaces by (to), its table (values), and the
// value for everything else (else).
//
// ingest/docs/presets.md says all words, and what each preset takes.
package preset
