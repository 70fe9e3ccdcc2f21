package model

// Recipe derives kinds of facts from the tables of a foreign export. It is
// data: a preset file holds one. Every name in it is lower case, of letters,
// digits and _.
type Recipe struct {
	Name   string
	Tables []RecipeTable
	// Sets are made before the kinds, in order, from tables and sets before.
	Sets []RecipeSet
	// Kinds that take the same table's rows are tried in order: a row belongs
	// to the first whose When holds.
	Kinds []RecipeKind
}

// RecipeTable is one file of the export, or several of one form.
type RecipeTable struct {
	Name    string
	Columns []string
	// CountsAs is the kind under which rows are counted that are no records
	// or that no kind takes.
	CountsAs FactKind
	// Groups are columns that come several times, numbered.
	Groups []RecipeGroup
}

// RecipeGroup is a group of columns that a row has several times, such as
// those of the articles of an order. Its entries are numbered from 1; one whose
// columns are all absent is none.
type RecipeGroup struct {
	Name    string
	Columns []string
}

// NumberColumn is the column, beside its own, that holds an entry's number.
const NumberColumn = "number"

// RecipeSet is a helper: the rows of a table or set, grouped where By is set.
type RecipeSet struct {
	Name string
	From string
	// Each names a group of table From: the set has a row for each entry of a
	// row's group, with the columns of both.
	Each    string
	Joins   []RecipeJoin
	Where   *Expression
	By      []Expression
	Columns []NamedExpression
}

// RecipeKind makes the rows of a kind.
//
// From a table without By each row that it takes becomes a row, refused or
// not. With By, or from rows Of another kind, or from a set, it is derived:
// its rows are counted apart from those of the source.
type RecipeKind struct {
	Kind FactKind
	// From names a table or set. Of names, instead, a kind of this recipe:
	// the rows that this kind took and did not refuse.
	From  string
	Of    FactKind
	Joins []RecipeJoin
	// When says which rows are its own; nil is all that are left.
	When *Expression
	// Refuse are tried in order on the rows that are its own.
	Refuse  []Refusal
	By      []Expression
	Columns []NamedExpression
	// Customer is whom a row is about where the kind has no customer_id, so that
	// erasing him finds refused ones; nil where the rows do not say.
	Customer *Expression
	// Currency is what the amounts of a row are in where the kind has no currency,
	// so that it goes with its order; nil where the rows do not say.
	Currency *Expression
	// DerivedFrom names what a derived kind is made from, for the report.
	DerivedFrom string
}

// Derived reports whether the kind's rows are its own and not the source's.
func (k RecipeKind) Derived() bool { return k.DerivedFrom != "" }

// RecipeJoin looks rows up in a table or set: at most one per row, the first
// in the order of the files where several match. A row without a match stays.
type RecipeJoin struct {
	Table string
	// On pairs columns of Table with expressions on what was joined before.
	On []NamedExpression
}

// Refusal sends rows to the quarantine.
type Refusal struct {
	When   Expression
	Column string
	Reason string
	Detail string
	// Expected says that such rows are as they should be, but no facts of ours:
	// they are no sign of bad data.
	Expected bool
	// UnlessKnown lets rows of a key pass that is stored, or that the unit brings
	// in another row: they tell what became of it. Such refusals stand last.
	UnlessKnown bool
}

// NamedExpression is an expression whose value has a name.
type NamedExpression struct {
	Name  string
	Value Expression
}

// Expression derives a text from the texts of a row. An absent value is none
// at all, never "". A condition is an expression that holds or does not; where
// a value that it needs is absent, it does not hold.
type Expression struct {
	Op Operation
	// Args are the operands.
	Args []Expression
	// Table and Name say which column Column takes; an empty Table is the
	// row's own.
	Table, Name string
	// Text is the constant, separator, prefix or pattern.
	Text string
	// Pairs are Translate's: text and what it becomes.
	Pairs [][2]string
}

// Operation is one of the closed set of ways to derive a value.
type Operation string

// The operations on values.
const (
	// TakeColumn is the value of column Name of Table.
	TakeColumn Operation = "column"
	// Constant is Text.
	Constant Operation = "const"
	// Coalesce is the first of Args that is present.
	Coalesce Operation = "coalesce"
	// Concat joins those of Args that are present with Text between.
	Concat Operation = "concat"
	// Lower, Upper and Trim are as their names say.
	Lower Operation = "lower"
	Upper Operation = "upper"
	Trim  Operation = "trim"
	// Unprefix removes Text from the front.
	Unprefix Operation = "unprefix"
	// Replace puts a constant argument, or nothing, in the place of Text.
	Replace Operation = "replace"
	// Digest is the SHA-256 of a text, in hexadecimal digits.
	Digest Operation = "sha256"
	// Field is the value that stands behind the name Text in a text such as
	// "sku:A1|quantity:2".
	Field Operation = "field"
	// Pointed is the value at the JSON pointer Text (RFC 6901) of a text that is
	// JSON. Objects, lists and null have none.
	Pointed Operation = "json"
	// Plain removes thousands separators and currency signs from a number.
	Plain Operation = "plain_number"
	// Translate maps by Pairs; a second argument is for the others, which are
	// absent without it.
	Translate Operation = "map"
	// Product (of two), Total, Minus, Quotient and Absolute calculate in
	// decimals: texts, factors and quotients have 6 of them, sums and products
	// are exact. Absent if an argument is; a division by 0 is absent.
	Product  Operation = "product"
	Total    Operation = "add"
	Minus    Operation = "negative"
	Quotient Operation = "divide"
	Absolute Operation = "absolute"
	// FromUnix and FromMillis are the instants of seconds and of milliseconds
	// since 1970; AfterMinutes is Args[0]
	// plus Args[1] minutes. AfterMinutes reads times with an offset or in UTC.
	FromUnix     Operation = "from_unix"
	FromMillis   Operation = "from_millis"
	AfterMinutes Operation = "after_minutes"
	// Choose is Args[1] where condition Args[0] holds, Args[3] where Args[2]
	// holds, and so on; an odd last argument is for all others.
	Choose Operation = "choose"
	// Occurrence counts, from 1 and in file order, the rows with equal Args.
	Occurrence Operation = "occurrence"
)

// The operations on the rows of a group. Absent values do not count.
const (
	// SumOf, MinOf, MaxOf take Args[0] as numbers; CountOf counts rows, or
	// present values with an argument.
	SumOf   Operation = "sum"
	MinOf   Operation = "min"
	MaxOf   Operation = "max"
	CountOf Operation = "count"
	// FirstOf and LastOf are the value of Args[0] at the lowest and highest
	// Args[1] as texts, ties by file order (the last row wins for LastOf);
	// without Args[1] file order alone counts.
	FirstOf Operation = "first"
	LastOf  Operation = "last"
)

// The conditions.
const (
	// Equals compares texts; In compares Args[0] with each of the others.
	Equals Operation = "equals"
	In     Operation = "in"
	// HasPrefix holds when Args[0] begins with Text.
	HasPrefix Operation = "prefix"
	// HasWord holds when Text is one of the words of Args[0], which spaces,
	// commas, semicolons or bars separate; case does not count.
	HasWord Operation = "has_word"
	// Positive holds for a number above 0.
	Positive Operation = "positive"
	// Numeric holds for a number.
	Numeric Operation = "numeric"
	// Present holds for a value that is there.
	Present Operation = "present"
	// Not, AllOf and AnyOf combine conditions.
	Not   Operation = "not"
	AllOf Operation = "all"
	AnyOf Operation = "any"
)
