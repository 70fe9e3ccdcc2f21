package demo

import "strconv"

const (
	products       = 120
	suppliers      = 12
	perCategory    = 15
	hotSupplier    = "S07"
	hotProduct     = 31
	shareOffset    = 6   // flattens the popularity of products
	spreadOfRanks  = 37  // prime to the number of products
	cheapestCents  = 700 // price of the cheapest product
	priceRange     = 7300
	spreadOfPrices = 2477
)

// product is one article of the shop.
type product struct {
	sku      string
	category string
	supplier string
	price    int64 // cents
}

// catalogue is what the shop sells, with the cumulative shares of demand.
type catalogue struct {
	products []product
	demand   []float64
}

func newCatalogue() *catalogue {
	c := &catalogue{products: make([]product, products), demand: make([]float64, products)}
	total := 0.0
	for i := range c.products {
		c.products[i] = product{
			sku:      "SKU-" + strconv.Itoa(100+i),
			category: categories[i/perCategory],
			supplier: supplierName(i % suppliers),
			price:    cheapestCents + int64(i*spreadOfPrices%priceRange),
		}
		total += 1 / float64(shareOffset+i*spreadOfRanks%products)
		c.demand[i] = total
	}
	for i := range c.demand {
		c.demand[i] /= total
	}
	return c
}

func supplierName(i int) string {
	name := strconv.Itoa(i + 1)
	if len(name) == 1 {
		return "S0" + name
	}
	return "S" + name
}

var categories = [...]string{
	"shirts", "trousers", "shoes", "jackets", "kitchen", "garden", "toys", "books",
}

// region fixes what goes with living somewhere.
type region struct{ name, language, zone string }

var regions = [...]region{
	{"DE", "de", "Europe/Berlin"},
	{"AT", "de", "Europe/Vienna"},
	{"CH", "de", "Europe/Zurich"},
	{"NL", "nl", "Europe/Amsterdam"},
	{"FR", "fr", "Europe/Paris"},
	{"DK", "da", "Europe/Copenhagen"},
}

var firstNames = [...]string{
	"Ada", "Ben", "Clara", "David", "Emma", "Felix", "Greta", "Hugo", "Ida", "Jonas", "Klara", "Leon",
	"Mia", "Noah", "Olga", "Paul", "Quirin", "Rosa", "Sofie", "Theo", "Ute", "Viktor", "Wanda", "Yara",
}

var (
	channels   = [...]string{"web", "app", "marketplace", "store"}
	tiers      = [...]string{"standard", "silver", "gold"}
	industries = [...]string{"private", "office", "hospitality", "education", "health"}
)

// Cumulative shares, in the order of the names above.
var (
	regionShares   = []float64{0.40, 0.52, 0.62, 0.76, 0.92, 1}
	channelShares  = []float64{0.50, 0.80, 0.95, 1}
	tierShares     = []float64{0.70, 0.90, 1}
	industryShares = []float64{0.70, 0.82, 0.90, 0.95, 1}
)
