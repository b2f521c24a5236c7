import type { FigureId } from '../../src-shared/economics/figures.ts';

/** A figure in words: what it is called, what it means in one plain sentence, and how it is computed. */
export interface FigureWords {
  readonly word: string;
  readonly means: string;
  readonly formula: string;
}

/** Of each figure of a subnet. Names in a formula are those of its inputs. */
export const figureWords: Readonly<Record<FigureId, FigureWords>> = {
  price: {
    word: 'Price of one α',
    means: 'What the pool asks for a very small amount right now. A larger order moves it.',
    formula: '(1 − weight of TAO) × SubnetTAO ÷ (weight of TAO × SubnetAlphaIn), as the chain itself says',
  },
  movingPrice: {
    word: 'Smoothed price',
    means: 'The price as a slow average of weeks. Emission and dissolution go by it; nobody trades at it.',
    formula: 'SubnetMovingPrice: a slow average of min(price, 1)',
  },
  marketCap: {
    word: 'Market cap',
    means: 'The price times all α outside the pool. Nobody could sell all of it for that.',
    formula: 'price × SubnetAlphaOut',
  },
  fullyDiluted: {
    word: 'Fully diluted',
    means: 'The price times the 21 million α that there may be one day.',
    formula: 'price × 21,000,000',
  },
  circulating: {
    word: 'α circulating',
    means: 'All α outside the pool: what miners, validators, owner and holders have.',
    formula: 'SubnetAlphaOut',
  },
  supply: {
    word: 'All α',
    means: 'What circulates and what lies in the pool.',
    formula: 'SubnetAlphaOut + SubnetAlphaIn',
  },
  volume: {
    word: 'volume',
    means: 'What was bought and sold through the pool, in τ, both ways added up.',
    formula: 'SubnetVolume now − SubnetVolume then',
  },
  emissionShare: {
    word: 'Emission',
    means: 'Of each τ that the network issues, the part that goes into this subnet’s pool.',
    formula: 'SubnetTaoInEmission ÷ issued a block',
  },
  emissionADay: {
    word: 'τ into the pool a day',
    means: 'What the network puts into the pool in a day at the present rate. Nobody is paid from it.',
    formula: 'SubnetTaoInEmission × blocks a day',
  },
  gamma: {
    word: 'γ',
    means: 'What the chain pays out to the people of this subnet in one block, priced in τ.',
    formula: 'SubnetAlphaOutEmission × price',
  },
  gammaADay: {
    word: 'γ a day',
    means: 'What the chain pays out to the people of this subnet in a day, priced in τ.',
    formula: 'γ × blocks a day',
  },
  emissionsRatio: {
    word: 'Emissions ratio',
    means: 'γ against the price of one τ in money. It stays empty without a source of that price.',
    formula: 'γ ÷ price of one TAO',
  },
  distributionRatio: {
    word: 'α paid out for each α into the pool',
    means: 'Above 1, more α goes to people than into the pool, and their selling weighs on the price.',
    formula: 'SubnetAlphaOutEmission ÷ SubnetAlphaInEmission',
  },
  giniIncentive: {
    word: 'Gini of incentive',
    means:
      'How unequal miners are paid: 0 is all the same, near 1 is one winner. Counted are miners with any incentive.',
    formula: 'Σ (2i − n − 1) xᵢ ÷ (n Σ xᵢ), with the incentives x in ascending order',
  },
  giniOwners: {
    word: 'Gini of α by owner',
    means:
      'How unequal α is held: 0 is all the same, near 1 is one holder. α is counted at the owner of the hotkey it lies on.',
    formula: 'Σ (2i − n − 1) xᵢ ÷ (n Σ xᵢ), with each owner’s α x in ascending order',
  },
  paidPerDay: {
    word: 'α distribution',
    means:
      'Of all circulating α, the part that a day pays out anew. What is held loses as much of its share.',
    formula: 'SubnetAlphaOutEmission × blocks a day ÷ SubnetAlphaOut',
  },
  minersShare: {
    word: 'Miners',
    means: 'Their part of all α that is paid out.',
    formula: '(1 − SubnetOwnerCut) ÷ 2',
  },
  validatorsShare: {
    word: 'Validators and who lends to them',
    means: 'Their part of all α that is paid out, after what root takes of it.',
    formula: '(1 − SubnetOwnerCut) ÷ 2 × (1 − RootProp)',
  },
  rootShare: {
    word: 'Root',
    means: 'The part of all α that goes to those who stake τ on root.',
    formula: '(1 − SubnetOwnerCut) ÷ 2 × RootProp',
  },
  ownerCut: {
    word: 'Owner’s cut',
    means: 'The part of all α that goes to the subnet’s owner, first of all.',
    formula: 'SubnetOwnerCut',
  },
  rootProportion: {
    word: 'Root proportion',
    means:
      'The chain’s own figure: root’s part of the dividends. The owner’s part goes by the name of owner’s cut.',
    formula: 'RootProp, which is R·w ÷ (R·w + all α), with R the TAO on root and w the TaoWeight',
  },
  minerBurned: {
    word: 'Miners’ pay that is burnt',
    means: 'What miners of the owner earn is burnt, and lowers what the subnet gets.',
    formula: 'MinerBurned',
  },
  zPrune: {
    word: 'z-score difficulty',
    means:
      'How far the next to go lies from the mean, in standard deviations. The further below, the easier it is to stay.',
    formula: '(incentive of the next to go − mean) ÷ standard deviation, over miners with incentive',
  },
  zTop: {
    word: 'to be in the best quarter',
    means: 'How far above the mean the best quarter begins, in standard deviations.',
    formula: '(lowest incentive of the best quarter − mean) ÷ standard deviation',
  },
  zMine: {
    word: 'Your z-score',
    means: 'How far your own incentive lies from the mean, in standard deviations.',
    formula: '(yours − mean) ÷ standard deviation',
  },
  depth: {
    word: 'Depth of the pool',
    means: 'By how much the price falls when a twentieth of all α is sold at once.',
    formula: '1 − (SubnetAlphaIn ÷ (SubnetAlphaIn + a twentieth of all)) ^ (1 ÷ weight of TAO)',
  },
  cheaperSubnets: {
    word: 'Subnets with a lower smoothed price',
    means:
      'When places run out, the chain dissolves the subnet with the lowest smoothed price that is past its immunity.',
    formula: 'count of subnets whose SubnetMovingPrice is lower',
  },
  emissionRank: {
    word: 'Rank by emission',
    means: 'Subnets share one emission: what others get more of, this one gets less of.',
    formula: '1 + count of subnets with a higher SubnetTaoInEmission',
  },
  largestShare: {
    word: 'Largest subnet',
    means: 'The part of all emission that goes to the one that gets most.',
    formula: 'its SubnetTaoInEmission ÷ the sum over all subnets',
  },
};
