/** What an empty marketplace begins with. @type {import('./offers.js').Draft[]} */
export const samples = [
  {
    title: 'Oak writing desk, 1960s',
    description: 'Solid oak with two drawers and brass handles. A few honest marks on the top, freshly oiled. 120 × 60 cm.',
    category: 'furniture', seller: 'Marta', place: 'Lisbon', priceCents: 24_000, days: 30,
  },
  {
    title: 'Gardening tools, eight pieces',
    description: 'Spade, fork, rake, hoe, two trowels, secateurs and a dibber. Ash handles, all sharpened this spring.',
    category: 'garden', seller: 'Ilse', place: 'Ghent', priceCents: 5_500, days: 30,
  },
  {
    title: 'Rangefinder camera with 45 mm lens',
    description: 'Light meter works, shutter speeds are true, new light seals. Comes with its leather case and one roll of film.',
    category: 'cameras', seller: 'Jonas', place: 'Oslo', priceCents: 14_900, days: 21,
  },
  {
    title: 'Touring bicycle, 56 cm frame',
    description: 'Steel frame, 3 × 9 gears, mudguards, rack and dynamo light. It has seen the Danube and wants to see more.',
    category: 'bicycles', seller: 'Petra', place: 'Vienna', priceCents: 42_000, days: 30,
  },
  {
    title: 'Upright piano, walnut',
    description: 'Tuned every year, warm tone, light action. Ground floor, so moving it is easier than you think.',
    category: 'music', seller: 'Anselm', place: 'Leipzig', priceCents: 95_000, days: 45,
  },
  {
    title: 'Box of 40 crime novels',
    description: 'Paperbacks from the seventies on, read once. Enough for two winters.',
    category: 'books', seller: 'Nora', place: 'Dublin', priceCents: 3_000, days: 14,
  },
  {
    title: 'Two reading chairs',
    description: 'Beech and wool, very comfortable, one with a footstool. From a home without pets or smoke.',
    category: 'furniture', seller: 'Emil', place: 'Copenhagen', priceCents: 18_000, days: 30,
  },
  {
    title: 'Folding bicycle, six gears',
    description: 'Folds in twenty seconds and fits under a train seat. New tyres and brake pads.',
    category: 'bicycles', seller: 'Sofia', place: 'Milan', priceCents: 51_000, days: 30,
  },
  {
    title: 'Acoustic guitar with case',
    description: 'Spruce top, easy to play, new strings. A good first guitar that stays good.',
    category: 'music', seller: 'Luis', place: 'Seville', priceCents: 12_500, days: 30,
  },
  {
    title: 'Greenhouse, 2 × 3 metres',
    description: 'Aluminium and glass, already taken apart and numbered. Two spare panes included.',
    category: 'garden', seller: 'Willem', place: 'Utrecht', priceCents: 26_000, days: 20,
  },
  {
    title: 'Macro lens, 100 mm',
    description: 'Clean glass, silent focus, both caps and the hood. Tried for one summer of insects.',
    category: 'cameras', seller: 'Aino', place: 'Turku', priceCents: 31_000, days: 30,
  },
  {
    title: 'Encyclopaedia in 24 volumes',
    description: 'Bound in green cloth, 1958, complete. Wrong about space travel and lovely about everything else.',
    category: 'books', seller: 'Henri', place: 'Lyon', priceCents: 16_000, days: 60,
  },
];
