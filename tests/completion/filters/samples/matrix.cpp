#include <cmath>
#include <initializer_list>
#include <ostream>
#include <stdexcept>
#include <vector>

namespace linalg {

class Matrix {
public:
    Matrix(std::size_t rows, std::size_t cols, double value = 0.0)
        : rows_(rows), cols_(cols), data_(rows * cols, value) {}

    Matrix(std::initializer_list<std::initializer_list<double>> rows)
        : rows_(rows.size()), cols_(rows.begin()->size()) {
        for (const auto& row : rows) {
            if (row.size() != cols_) {
                throw std::invalid_argument("rows of different length");
            }
            data_.insert(data_.end(), row.begin(), row.end());
        }
    }

    double& operator()(std::size_t row, std::size_t col) {
        return data_[row * cols_ + col];
    }

    double operator()(std::size_t row, std::size_t col) const {
        return data_.at(row * cols_ + col);
    }

    Matrix operator*(const Matrix& other) const {
        if (cols_ != other.rows_) {
            throw std::invalid_argument("shapes do not fit");
        }
        Matrix product(rows_, other.cols_);
        for (std::size_t i = 0; i < rows_; ++i) {
            for (std::size_t k = 0; k < cols_; ++k) {
                const double factor = (*this)(i, k);
                for (std::size_t j = 0; j < other.cols_; ++j) {
                    product(i, j) += factor * other(k, j);
                }
            }
        }
        return product;
    }

    double norm() const {
        double sum = 0.0;
        for (double value : data_) {
            sum += value * value;
        }
        return std::sqrt(sum);
    }

private:
    std::size_t rows_;
    std::size_t cols_;
    std::vector<double> data_;
};

template <typename Stream>
Stream& print(Stream& out, const Matrix& matrix, std::size_t rows, std::size_t cols) {
    for (std::size_t i = 0; i < rows; ++i) {
        for (std::size_t j = 0; j < cols; ++j) {
            out << matrix(i, j) << (j + 1 < cols ? ' ' : '\n');
        }
    }
    return out;
}

}  // namespace linalg
